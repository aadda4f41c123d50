# One meaning is one unified code, whatever the vendor.  The table is
# t/fixtures/meanings.tsv: a line a meaning, a column a vendor, and each cell
# names the answer of t/rows/<provider>.tsv that says so.  What the module makes
# of these answers is the table "One meaning, one code" of catalogs/README.md.

use strict;
use warnings;

use lib 't/lib';
use TelephonyRows;
use TelephonyTest ();
use TelephonyUpstream;

use File::Basename qw(basename);
use JSON::PP;
use Test::More;

my ($providers, @meanings) = read_meanings();

my %rows = map {
    $_ => { map { ($_->{id} => $_) }
            read_rows("$TelephonyTest::root/t/rows/$_.tsv") };
} @$providers;

my $locations = join '', map { <<"END" } @$providers;
        location /$_/ {
            telephony_errors $_;
            proxy_pass http://127.0.0.1:\$TEST_NGINX_UPSTREAM_PORT;
        }
END

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

        $locations
    }
}
END

is_deeply([ sort @$providers ],
          [ grep { $_ ne 'codes' } map { basename($_, '.conf') }
            sort glob "$ENV{TEST_NGINX_CATALOGS}/*.conf" ],
          'every shipped vendor has a column');

my (%lines, @table);

for my $meaning (@meanings) {
    my ($name, $code, %cells) = @$meaning;
    my @shown;

    cmp_ok(scalar keys %cells, '>', 1, "$name: several vendors say it");
    ok(!$lines{$name}++, "$name: one line");

    for my $provider (@$providers) {
        my $id = $cells{$provider} // next;
        my $row = $rows{$provider}{$id};

        ok($row, "$provider has an answer $id") or next;

        my $said = ask($row);

        is($said->{code}, $code, "$name: $provider $id is $code");
        push @shown, shown($row, $said);
    }

    push @table, "| $name | `$code` | " . join(', ', @shown) . ' |';
}

$nginx->stop;
$upstream->stop;

my ($written) = TelephonyTest::slurp("$TelephonyTest::root/catalogs/README.md")
                =~ /^## One meaning, one code\n(.*?)^## /ms;

my @written = grep { /^\| / && !/^\| meaning/ } split /\n/, $written // '';

is_deeply(\@written, \@table, 'the table of catalogs/README.md says the same')
    or diag(join "\n", @table);

done_testing();


# the providers; then a list of meaning, code, and cells by provider each

sub read_meanings {
    my ($head, @lines) =
        map { [ split /\t/ ] }
        grep { !/^#(?! meaning)|^\s*$/ }
        split /\n/,
        TelephonyTest::slurp("$TelephonyTest::root/t/fixtures/meanings.tsv");

    my (undef, undef, @names) = @$head;

    return \@names, map {
        my ($name, $code, @cells) = @$_;

        die "\"$name\": not a cell for each provider\n" if @cells != @names;

        [ $name, $code,
          map { $cells[$_] eq '-' ? () : ($names[$_] => $cells[$_]) }
          0 .. $#names ];
    } @lines;
}

# what the client gets

sub ask {
    my ($row) = @_;

    my (undef, undef, $body) = TelephonyTest::http(
        $ENV{TEST_NGINX_SERVER_PORT},
        "POST /$row->{provider}$row->{uri} HTTP/1.1\r\nHost: localhost\r\n"
        . "Connection: close\r\nX-Answer: $row->{status}\r\n"
        . 'Content-Length: ' . length($row->{body}) . "\r\n\r\n$row->{body}");

    my $json = eval { JSON::PP->new->utf8->decode($body) };

    return {
        code   => $json->{code} // '',
        match  => $json->{provider}{match} // '',
        vendor => $json->{provider}{code},
    };
}

# a cell of README's table

sub shown {
    my ($row, $said) = @_;

    return "$row->{provider} HTTP $row->{status}" if $said->{match} eq 'status';
    return "$row->{provider} by text" if !defined $said->{vendor};

    my $by = $said->{match} eq 'message' ? ' by text' : '';

    return "$row->{provider} `$said->{vendor}`$by";
}
