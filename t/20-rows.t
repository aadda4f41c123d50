# Every row of every vendor's document, as an answer on the wire, through a
# real nginx.  The rows stand in t/rows/<provider>.tsv, see TelephonyRows.  Each
# is asked twice: with proxy_buffering and Content-Length, and unbuffered in two
# chunks.  One test a row; TELEPHONY_ROWS=voipms,mango takes only these
# providers.

use strict;
use warnings;

use lib 't/lib';
use TelephonyRows;
use TelephonySchema ();
use TelephonyTest ();
use TelephonyUpstream;

use File::Basename qw(basename);
use JSON::PP;
use Test::More;

my %only = map { $_ => 1 } split /,/, $ENV{TELEPHONY_ROWS} // '';

my @providers = grep { $_ ne 'codes' && (!%only || $only{$_}) }
                map { basename($_, '.conf') }
                glob "$ENV{TEST_NGINX_CATALOGS}/*.conf";

my %rows = map {
    my $file = "$TelephonyTest::root/t/rows/$_.tsv";

    $_ => [ -e $file ? read_rows($file) : () ];
} @providers;

my %answers = map { ("$_->{provider}/$_->{id}" => $_) }
              map { @$_ } values %rows;

my $locations = join '', map { location($_) } @providers;

my $upstream = TelephonyUpstream->start($ENV{TEST_NGINX_UPSTREAM_PORT}, sub {
    my ($request) = @_;

    my $row = $answers{ $request->{headers}{'x-row'} };

    return {
        status => $row->{status},
        body   => $row->{body},
        $request->{path} =~ m{^/unbuffered/}
        ? (framing => 'chunked', gap => 0,
           split => 1 + int(length($row->{body}) / 2))
        : (),
    };
});

my $nginx = TelephonyTest::start_nginx(<<"END");
worker_processes 1;

events {
}

http {
    include \$TEST_NGINX_CATALOGS/*.conf;

    access_log off;
    keepalive_requests 100000;

    upstream vendor {
        server 127.0.0.1:\$TEST_NGINX_UPSTREAM_PORT;
        keepalive 4;
    }

    server {
        listen 127.0.0.1:\$TEST_NGINX_SERVER_PORT;

        proxy_http_version 1.1;
        proxy_set_header Connection "";

        add_header X-Verdict \$telephony_verdict always;
        add_header X-Reason \$telephony_reason always;
        add_header X-Code \$telephony_code always;
        add_header X-Provider-Code \$telephony_provider_code always;
        add_header X-Match \$telephony_match always;
        add_header X-Rule \$telephony_rule always;

        $locations
    }
}
END

my $client = { in => '' };

for my $provider (@providers) {

    ok(@{ $rows{$provider} } > 0, "$provider has rows");

    for my $row (@{ $rows{$provider} }) {
        my @problems = map { problems($row, $_) } qw(buffered unbuffered);
        my $code = $row->{provider_code};

        ok(!@problems, "$provider $row->{id}: $row->{status} $code is "
                       . "$row->{verdict} $row->{code} $row->{sent}");
        diag(join "\n", @problems, $row->{body}) if @problems;
    }
}

$nginx->stop;
$upstream->stop;

unlike($nginx->error_log, qr/\[(?:alert|crit|emerg)\]/,
       'the error log is free of alerts');

done_testing();


sub location {
    my ($provider) = @_;

    return <<"END";
        location /buffered/$provider/ {
            telephony_errors $provider;
            proxy_pass http://vendor;
        }

        location /unbuffered/$provider/ {
            telephony_errors $provider;
            proxy_buffering off;
            proxy_pass http://vendor;
        }
END
}

sub problems {
    my ($row, $way) = @_;

    my ($status, $headers, $body) = ask($row, $way);

    my @wrong;
    my $want = sub {
        my ($what, $got, $expected) = @_;

        $got //= '';
        push @wrong, "$way: $what is \"$got\", not \"$expected\""
            if $got ne $expected;
    };

    my ($code, $provider_code, $match) =
        map { $_ eq '-' ? '' : $_ } @$row{qw(code provider_code match)};

    $want->('status', $status, $row->{sent});

    # what passes by its status alone is not judged at all

    my $passed = $row->{status} =~ /^(?:204|206|3\d\d|416)$/;

    $want->('verdict', $headers->{'x-verdict'},
            $passed ? '' : $row->{verdict});

    if ($row->{verdict} ne 'none') {
        $want->('code', $headers->{'x-code'}, $code);
        $want->('provider code', $headers->{'x-provider-code'},
                $provider_code);
        $want->('match', $headers->{'x-match'}, $match);
    }

    my $marked = $row->{verdict} =~ /^(?:notice|error)$/;

    $want->('Telephony-Code', $headers->{'telephony-code'},
            $marked ? $code : '');

    if ($row->{verdict} ne 'error') {
        $want->('body', $body, $row->{body});

    } else {
        my $json = eval { JSON::PP->new->utf8->decode($body) };

        $json = {} if ref $json ne 'HASH';

        push @wrong, TelephonySchema::problems($json);

        $want->('type', $headers->{'content-type'},
                'application/problem+json');
        $want->('"code"', $json->{code}, $code);
        $want->('"status"', $json->{status}, $row->{sent});
        $want->('"provider.name"', $json->{provider}{name}, $row->{provider});
        $want->('"provider.status"', $json->{provider}{status},
                $row->{status});
        $want->('"provider.code"', $json->{provider}{code}, $provider_code);
        $want->('"provider.match"', $json->{provider}{match}, $match);
    }

    push @wrong, "rule: $headers->{'x-rule'}"
        if @wrong && $headers->{'x-rule'};

    return @wrong;
}

# One request on the connection that is kept.  Returns status, headers by their
# names in lower case, and the body.

sub ask {
    my ($row, $way) = @_;

    my $fh = $client->{fh} //=
             TelephonyTest::connection($ENV{TEST_NGINX_SERVER_PORT});

    print $fh "GET /$way/$row->{provider}$row->{uri} HTTP/1.1\r\n"
              . "Host: localhost\r\n"
              . "X-Row: $row->{provider}/$row->{id}\r\n\r\n";

    my $head = take(qr/\A(.*?)\r\n\r\n/s);
    my ($status) = $head =~ m{^HTTP/1\.1 (\d+)};
    my %headers = map { /^([^:]+):\s*(.*)$/ ? (lc $1, $2) : () }
                  split /\r\n/, $head;

    my $body = '';

    if (defined $headers{'content-length'}) {
        $body = take_bytes($headers{'content-length'});

    } elsif (($headers{'transfer-encoding'} // '') eq 'chunked') {
        while (my $size = hex take(qr/\A([0-9a-f]+)\r\n/i)) {
            $body .= take_bytes($size);
            take(qr/\A(\r\n)/);
        }

        take(qr/\A(\r\n)/);
    }

    if (($headers{connection} // '') eq 'close') {
        $client = { in => '' };
    }

    return ($status // '', \%headers, $body);
}

sub more {
    my $n = sysread $client->{fh}, $client->{in}, 65536, length $client->{in};

    return $n if $n;

    $client = { in => '' };
    die "nginx closed the connection\n" . $nginx->error_log;
}

sub take {
    my ($pattern) = @_;

    more() while $client->{in} !~ $pattern;

    my $found = $1;
    substr($client->{in}, 0, $+[0]) = '';

    return $found;
}

sub take_bytes {
    my ($size) = @_;

    more() while length $client->{in} < $size;

    return substr $client->{in}, 0, $size, '';
}
