# catalogs/proxy.snippet, which every https recipe includes: the vendor's name
# goes into the handshake, its certificate is checked, no client gets a coding
# that it did not ask for.  And the location that the head of each catalog has to
# copy: nginx takes it with that catalog alone, and it asks no vendor twice whose
# calls may not be repeated.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();

use File::Basename qw(basename);
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

my @providers = grep { $_ ne 'codes' } map { basename($_, '.conf') }
                glob "$ENV{TEST_NGINX_CATALOGS}/*.conf";

is(scalar @providers, 18, 'every shipped catalog is looked at');
ok(!once('proxy_pass https://127.0.0.1/;'), 'a location that may ask twice');

for my $provider (@providers) {
    my $catalog = TelephonyTest::slurp("$ENV{TEST_NGINX_CATALOGS}/$provider.conf");
    my $location = location($catalog);

    like($location, qr/^\s*telephony_errors\s+$provider;/m,
         "$provider: its head has a location");
    is($location =~ s{\bhttps://[\w.-]+}{https://127.0.0.1}g, 1,
       "$provider: it leads to one host, by TLS");

    is(taken($provider, $location), '', "$provider: nginx takes it");
    like(taken($provider, $location =~ s/\bproxy_pass\b/proxy_past/r),
         qr/unknown directive "proxy_past"/, "$provider: by reading it");

    next if $catalog !~ /^ +repeatable\s/m;

    ok(once($location), "$provider: it asks once");
}

system('rm', '-rf', $dir);

done_testing();


sub ask {
    my ($uri, @headers) = @_;

    return TelephonyTest::http($port, join "\r\n", "GET $uri HTTP/1.1",
                               'Host: localhost', 'Connection: close',
                               @headers, '', '');
}

# what stands to be copied in the comment at a catalog's head

sub location {
    my ($catalog) = @_;

    my ($head) = $catalog =~ /\A((?:#.*\n|\n)+)/;
    my ($found) = $head =~ /^(#( +)location .*?^#\2\}\n)/ms or return '';

    return $found =~ s/^#//gmr;
}

sub once {
    my ($location) = @_;

    my $said = $location =~ /^\s*include telephony\/proxy\.snippet;/m
               ? $snippet : '';

    return "$location$said" =~ /^\s*proxy_next_upstream off;/m;
}

# what nginx -t says against it, with this catalog and the unified codes alone

sub taken {
    my ($provider, $location) = @_;

    my $modules = join '', map { "load_module $_;\n" }
                  split ' ', $ENV{TEST_NGINX_LOAD_MODULES};
    my $temp = join '', map { "    ${_}_temp_path $dir/$_;\n" }
               qw(client_body proxy fastcgi uwsgi scgi);
    my $file = "$dir/head.conf";

    $location =~ s{\binclude telephony/}{include $dir/};

    TelephonyTest::spew($file, <<"END");
${modules}pid $dir/head.pid;
error_log stderr;

events {
}

http {
$temp
    include $ENV{TEST_NGINX_CATALOGS}/codes.conf;
    include $ENV{TEST_NGINX_CATALOGS}/$provider.conf;

    access_log off;

    server {
        listen 127.0.0.1:$port;

$location
    }
}
END

    my $nginx = $ENV{TEST_NGINX_BINARY} || 'nginx';
    my $said = `$nginx -t -q -p $dir -c $file -e stderr 2>&1`;

    return $? == 0 ? '' : $said || 'nginx -t fails';
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
