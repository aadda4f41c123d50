# The table of vendors in catalogs/README.md, and the list at README.md's head:
# every shipped catalog, with as many rows as nginx counts, and the day on which
# its head says that its source was read.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();

use File::Basename qw(basename);
use Test::More;

my $nginx = TelephonyTest::start_nginx(<<'END');
worker_processes 1;

events {
}

http {
    include $TEST_NGINX_CATALOGS/*.conf;

    access_log off;
    telephony_errors_zone rows 512k;

    server {
        listen 127.0.0.1:$TEST_NGINX_SERVER_PORT;

        location / {
            telephony_errors_metrics;
        }
    }
}
END

my (undef, undef, $metrics) = TelephonyTest::http(
    $ENV{TEST_NGINX_SERVER_PORT},
    "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

$nginx->stop;

my %rows = $metrics =~ /^telephony_catalog_rows\{provider="(\w+)"\} (\d+)$/mg;

my %catalogs = map { basename($_, '.conf') => TelephonyTest::slurp($_) }
               grep { !m{/codes\.conf$} } glob "$ENV{TEST_NGINX_CATALOGS}/*.conf";

my ($table) = TelephonyTest::slurp("$TelephonyTest::root/catalogs/README.md")
              =~ /^## Vendors\n(.*?)^## /ms;

my %lines = map { /^\| `(\w+)` \| (.*) \|$/ ? ($1 => [ split / \| /, $2, -1 ]) : () }
            split /\n/, $table;

is_deeply([ sort keys %lines ], [ sort keys %catalogs ],
          'a line for every vendor');

for my $provider (sort keys %lines) {
    my (undef, $rows, undef, $read) = @{ $lines{$provider} };

    is($rows, $rows{$provider}, "$provider: as many rows as nginx counts");
    like($catalogs{$provider}, qr/\b[Rr]ead[ #\n]+\Q$read\E/,
         "$provider: read on the day that its head says");
}

# The map in Plivo's catalog: what is sent is refused for its destination.

$nginx = TelephonyTest::start_nginx(<<'END');
worker_processes 1;

events {
}

http {
    include $TEST_NGINX_CATALOGS/*.conf;

    access_log off;

    server {
        listen 127.0.0.1:$TEST_NGINX_SERVER_PORT;

        location /sends/ {
            telephony_errors plivo;
            proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT/;
        }
    }

    server {
        listen 127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
        return 403 '{"api_id":"a516","error":"something new"}';
    }
}
END

for (['POST', '/v1/Account/MA1/Message/',   'DESTINATION_NOT_ALLOWED'],
     ['POST', '/v1/Account/MA1/Call/',      'DESTINATION_NOT_ALLOWED'],
     ['POST', '/v1/Account/MA1/Call/1/',    'PERMISSION_DENIED'],
     ['GET',  '/v1/Account/MA1/Message/',   'PERMISSION_DENIED'],
     ['POST', '/v1/Account/MA1/Powerpack/', 'PERMISSION_DENIED'])
{
    my ($method, $uri, $code) = @$_;

    my (undef, $head) = TelephonyTest::http(
        $ENV{TEST_NGINX_SERVER_PORT},
        "$method /sends$uri HTTP/1.1\r\nHost: localhost\r\n"
        . "Content-Length: 0\r\nConnection: close\r\n\r\n");

    like($head, qr/^Telephony-Code: $code\r?$/m, "plivo: $method $uri");
}

$nginx->stop;

my $readme = TelephonyTest::slurp("$TelephonyTest::root/README.md");
my ($named) = $readme =~ /^Eighteen vendors are mapped: (.*?),\n\[as far/ms;
my @named = split /,| and /, $named // '';

is(scalar @named, scalar keys %catalogs,
   "README's head names as many vendors as there are");
is(scalar keys %catalogs, 18, 'and its number is theirs');

done_testing();
