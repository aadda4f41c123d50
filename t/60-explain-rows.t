# Explain says what the filter does: every row of t/rows/ is asked twice, as an
# answer of the vendor and as a question to telephony_errors_explain, and both
# have to conclude the same by the same line of the same catalog.

use strict;
use warnings;

use lib 't/lib';
use TelephonyRows;
use TelephonyTest ();
use TelephonyUpstream;

use JSON::PP;
use Test::More;

my @names = qw(verdict reason code category status retryable detail
               provider_code provider_status match rule);

# what is not judged cannot be explained

my @rows = grep { $_->{status} !~ /^(?:204|205|206|3\d\d|416)$/ }
           map { read_rows($_) } glob "$TelephonyTest::root/t/rows/*.tsv";

my $locations = join '', map { location($_) }
                sort keys %{{ map { $_->{provider} => 1 } @rows }};

my $headers = join '', map { "add_header X-$_ \$telephony_$_ always;\n" }
              @names;

# the vendor says what it is sent, with the status that it is asked for

my $upstream = TelephonyUpstream->start($ENV{TEST_NGINX_UPSTREAM_PORT},
                                        \&TelephonyUpstream::echo);

my $nginx = TelephonyTest::start_nginx(<<"END");
worker_processes 1;

events {
}

http {
    include \$TEST_NGINX_CATALOGS/*.conf;

    access_log off;

    server {
        listen 127.0.0.1:\$TEST_NGINX_SERVER_PORT;

        $headers
        add_header X-scope \$row_scope always;

        $locations
    }
}
END

cmp_ok(scalar @rows, '>', 0, 'there are rows');

for my $row (@rows) {
    my @problems = problems($row);

    ok(!@problems, "$row->{provider} $row->{id}: explained as it is judged");
    diag(join "\n", @problems, $row->{body}) if @problems;
}

$nginx->stop;
$upstream->stop;

unlike($nginx->error_log, qr/\[(?:alert|crit|emerg)\]/,
       'the error log is free of alerts');

done_testing();


sub location {
    my ($provider) = @_;

    my $scope = scope($provider);

    return <<"END";
        location /$provider/ {
            set \$row_scope $scope;
            telephony_errors $provider;
            proxy_pass http://127.0.0.1:\$TEST_NGINX_UPSTREAM_PORT;
        }

        location = /explain/$provider {
            telephony_errors_explain $provider;
        }
END
}

# what its catalog takes for the scope

sub scope {
    my ($provider) = @_;

    my $file = "$ENV{TEST_NGINX_CATALOGS}/$provider.conf";

    open my $in, '<', $file or die "$file: $!\n";

    my ($scope) = map { /^\s+scope\s+(\S+);/ ? $1 : () } <$in>;

    return $scope // '""';
}

sub problems {
    my ($row) = @_;

    my (undef, $head) = ask($row, "/$row->{provider}$row->{uri}");

    my %judged = map { lc $_ => '' } @names, 'scope';

    while ($head =~ /^X-(\w+): (.*?)\r?$/mg) {
        $judged{ lc $1 } = $2;
    }

    my ($status, undef, $body) =
        ask($row, "/explain/$row->{provider}?method=POST"
                  . "&status=$row->{status}&scope=$judged{scope}");

    my $json = eval { JSON::PP->new->utf8->decode($body) };

    return "explain answers with $status" if $status != 200 || !$json;

    my @problems;

    for my $name (@names) {
        my $said = $json->{$name} // '';

        $said = $said ? 'true' : 'false' if JSON::PP::is_bool($said);
        utf8::encode($said);

        push @problems, "$name: judged \"$judged{$name}\", explained \"$said\""
            if $said ne $judged{$name};
    }

    return @problems;
}

sub ask {
    my ($row, $uri) = @_;

    return TelephonyTest::http(
        $ENV{TEST_NGINX_SERVER_PORT},
        "POST $uri HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        . "X-Answer: $row->{status}\r\n"
        . 'Content-Length: ' . length($row->{body}) . "\r\n\r\n$row->{body}");
}
