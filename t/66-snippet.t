# catalogs/proxy.snippet, which every https recipe includes: the vendor's name
# goes into the handshake, its certificate is checked, no client gets a coding
# that it did not ask for.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();

use IO::Compress::Gzip qw(gzip);
use IO::Uncompress::Gunzip qw(gunzip);
use Test::More;

my $root = $TelephonyTest::root;
my $dir = "$TelephonyTest::build/test/tls-$ENV{TEST_NGINX_SERVER_PORT}";
my ($port, $vendor) = @ENV{qw(TEST_NGINX_SERVER_PORT
                              TEST_NGINX_UPSTREAM_PORT)};

system('rm', '-rf', $dir);
mkdir $dir or die "$dir: $!\n";

certificates();

my $plain = '{"status":"invalid_did"}';
my $good = '{"status":"success","list":[' . join(',', (1) x 200) . ']}';
my ($packed_plain, $packed_good);

gzip(\$plain, \$packed_plain);
gzip(\$good, \$packed_good);
mkdir "$dir/www" or die;
TelephonyTest::spew("$dir/www/bad.gz", $packed_plain);
TelephonyTest::spew("$dir/www/good.gz", $packed_good);

# the one line that names this machine's authorities

my $snippet = TelephonyTest::slurp("$root/catalogs/proxy.snippet");

is($snippet =~ s{/etc/ssl/certs/ca-certificates\.crt}{$dir/ca.crt}, 1,
   'it names the authorities of Debian');
TelephonyTest::spew("$dir/proxy.snippet", $snippet);

my $nginx = TelephonyTest::start_nginx(<<"END");
worker_processes 1;

events {
}

http {
    include \$TEST_NGINX_CATALOGS/*.conf;

    access_log off;

    upstream vendor.example {
        server 127.0.0.1:$vendor;
    }

    upstream other.example {
        server 127.0.0.1:$vendor;
    }

    upstream forged.example {
        server 127.0.0.1:$vendor;
    }

    server {
        listen 127.0.0.1:$port;

        location /named/ {
            telephony_errors voipms;
            include $dir/proxy.snippet;
            proxy_pass https://vendor.example/;
        }

        location /other/ {
            telephony_errors voipms;
            include $dir/proxy.snippet;
            proxy_pass https://other.example/;
        }

        location /forged/ {
            telephony_errors voipms;
            include $dir/proxy.snippet;
            proxy_pass https://forged.example/;
        }
    }

    # a shared front: who gives no name, or one it does not know, is refused

    server {
        listen 127.0.0.1:$vendor ssl default_server;
        ssl_reject_handshake on;
    }

    server {
        listen 127.0.0.1:$vendor ssl;
        server_name vendor.example;
        ssl_certificate $dir/vendor.crt;
        ssl_certificate_key $dir/vendor.key;
        root $dir/www;

        location / {
            default_type application/json;
            add_header Content-Encoding gzip;
            add_header X-Accept \$http_accept_encoding always;
            try_files \$uri.gz =404;
        }
    }

    # a certificate that nobody known has signed

    server {
        listen 127.0.0.1:$vendor ssl;
        server_name forged.example;
        ssl_certificate $dir/forged.crt;
        ssl_certificate_key $dir/forged.key;
        return 200 '$plain';
    }
}
END

my ($status, $head, $body) = ask('/named/good');

is($status, 200, 'a front that asks for the name is reached');
like($head, qr/^X-Accept: gzip\r?$/m, 'the vendor may compress, by gzip alone');
unlike($head, qr/^Content-Encoding/m,
       'a client that asked for no coding gets none');
is($body, $good, 'it gets what the vendor packed');

($status, $head, $body) = ask('/named/good', 'Accept-Encoding: gzip');

like($head, qr/^Content-Encoding: gzip\r?$/m, 'a client that reads gzip gets it');
gunzip(\$body, \my $unpacked);
is($unpacked, $good, 'and the same answer in it');

($status, $head, $body) = ask('/named/bad');

is($status, 400, 'a compressed error becomes the envelope');
like($body, qr/"code":"INVALID_PHONE_NUMBER"/, 'for a client without gzip');

($status, $head, $body) = ask('/other/good');

is($status, 503, 'a name that the front does not know: unavailable');
like($body, qr/"code":"PROVIDER_UNAVAILABLE"/, 'and the envelope says so');

($status, $head, $body) = ask('/forged/bad');

is($status, 503, 'a certificate that nobody known has signed is refused');
unlike($body, qr/invalid_did/, 'nothing of what it said is passed on');

my $log = $nginx->error_log;

like($log, qr/upstream SSL certificate verify error/, 'the log says why');

$nginx->stop;
system('rm', '-rf', $dir);

done_testing();


sub ask {
    my ($uri, @headers) = @_;

    return TelephonyTest::http($port, join "\r\n", "GET $uri HTTP/1.1",
                               'Host: localhost', 'Connection: close',
                               @headers, '', '');
}

sub certificates {
    my $quiet = '>/dev/null 2>&1';

    for my $ca (qw(ca nobody)) {
        system("openssl req -x509 -newkey rsa:2048 -nodes -days 3650"
               . " -subj /CN=$ca -keyout $dir/$ca.key -out $dir/$ca.crt $quiet")
            == 0 or die "openssl\n";
    }

    for (['vendor', 'ca'], ['forged', 'nobody']) {
        my ($name, $ca) = @$_;

        TelephonyTest::spew("$dir/$name.ext",
                            "subjectAltName=DNS:$name.example\n");
        system("openssl req -newkey rsa:2048 -nodes -subj /CN=$name.example"
               . " -keyout $dir/$name.key -out $dir/$name.csr $quiet") == 0
            or die "openssl\n";
        system("openssl x509 -req -in $dir/$name.csr -CA $dir/$ca.crt"
               . " -CAkey $dir/$ca.key -CAcreateserial -days 3650"
               . " -extfile $dir/$name.ext -out $dir/$name.crt $quiet") == 0
            or die "openssl\n";
    }
}
