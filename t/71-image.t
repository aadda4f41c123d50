# The image: its parts are what their digests say, and unpacked it answers with
# the module, the catalogs and the configuration that is mounted into it.

use strict;
use warnings;

use lib 't/lib';

use Digest::SHA;
use JSON::PP;
use Test::More;
use TelephonyTest ();

my $root = $TelephonyTest::root;
my $dir = "$TelephonyTest::build/image/test";
my $port = $ENV{TEST_NGINX_SERVER_PORT};
my $vendor_port = $ENV{TEST_NGINX_UPSTREAM_PORT};

plan skip_all => 'another nginx is tested' if $ENV{TEST_NGINX_BINARY};

my $unable = `$root/auto/chroot able 2>&1`;

plan skip_all => $unable if $?;

my ($archive) = split /\n/, `$root/auto/image`;

die "no image\n" if $? || !defined $archive;

system('rm', '-rf', $dir);
system('mkdir', '-p', "$dir/layout", "$dir/root") == 0 or die "mkdir\n";
system('tar', '-C', "$dir/layout", '-xf', $archive) == 0 or die "tar\n";

is(json('oci-layout')->{imageLayoutVersion}, '1.0.0', 'it is an OCI layout');

my $index = json('index.json');
my $manifest = blob($index->{manifests}[0], 'the manifest');
my $config = blob($manifest->{config}, 'the configuration');
my $layer = $manifest->{layers}[0];

is_deeply($config->{config}{Entrypoint}, ['nginx'], 'it runs nginx');
is($config->{config}{StopSignal}, 'SIGQUIT', 'and ends it gracefully');
is($config->{history}[0]{created}, $config->{created},
   'its history has a time, which some readers ask for');

blob($layer, 'the layer', 'raw');

my $file = blob_file($layer);

# what podman, and what an older docker takes it for

SKIP: {
    skip 'skopeo is not installed', 2 if system('skopeo -v >/dev/null 2>&1');

    for my $kind (qw(oci-archive docker-archive)) {
        my $seen = eval {
            decode_json(scalar `skopeo inspect $kind:$archive`)
        };

        is($seen->{Labels}{'org.opencontainers.image.title'},
           'telephony-errors', "skopeo reads it as $kind");
    }
}

is('sha256:' . (split ' ', `gzip -dc $file | sha256sum`)[0],
   $config->{rootfs}{diff_ids}[0], 'the layer unpacked is what is said');

my $docker = json('manifest.json')->[0];

is($docker->{Layers}[0], 'blobs/sha256/' . ($layer->{digest} =~ /:(.*)/)[0],
   'an older docker finds the same layer');

system('tar', '-C', "$dir/root", '-xzf', $file) == 0 or die "tar\n";

for my $name (qw(etc/apt/sources.list etc/apt/apt.conf.d/90chroot
                 usr/sbin/policy-rc.d))
{
    ok(!-e "$dir/root/$name", "nothing is left of how it was made: $name");
}

is(-s "$dir/root/etc/$_", 0, "$_ is empty") for qw(hosts resolv.conf);

# what a container has from whoever runs it

system(<<"END") == 0 or die "devices\n";
cd $dir/root/dev && mkdir -p shm && mknod -m 666 null c 1 3
mknod -m 666 urandom c 1 9 && ln -s /proc/self/fd fd
ln -s /proc/self/fd/1 stdout && ln -s /proc/self/fd/2 stderr
END

# what a user mounts

TelephonyTest::spew("$dir/root/etc/nginx/conf.d/telephony.conf", <<"END");
server {
    listen 127.0.0.1:$port;

    location /voipms/ {
        telephony_errors voipms;
        proxy_pass http://127.0.0.1:$vendor_port;
    }
}

server {
    listen 127.0.0.1:$vendor_port;
    return 200 '{"status":"ours"}';
}
END

TelephonyTest::spew("$dir/root/etc/nginx/telephony/zz-local.conf",
     "telephony_catalog voipms { error ours INSUFFICIENT_FUNDS; }\n");

my $running = TelephonyTest::start_system("$dir/root");

my ($code, $head, $body) =
    TelephonyTest::http($port, "GET /voipms/rest.php HTTP/1.1\r\n"
                               . "Host: localhost\r\nConnection: close\r\n\r\n");

is($code, 402, 'it answers by a row that was mounted');
like($head, qr/^Telephony-Code: INSUFFICIENT_FUNDS\r$/m, 'with the headers');
is(eval { decode_json($body)->{provider}{code} }, 'ours',
   'and with the envelope');

close $running;

system('rm', '-rf', $dir);

done_testing();


sub blob_file {
    my ($descriptor) = @_;

    my ($digest) = $descriptor->{digest} =~ /^sha256:([0-9a-f]{64})$/;

    return "$dir/layout/blobs/sha256/$digest";
}

sub blob {
    my ($descriptor, $what, $raw) = @_;

    my $file = blob_file($descriptor);

    is(Digest::SHA->new(256)->addfile($file)->hexdigest,
       ($descriptor->{digest} =~ /:(.*)/)[0], "$what has its digest");
    is(-s $file, $descriptor->{size}, "$what has its size");

    return $raw ? undef : decode_json(TelephonyTest::slurp($file));
}

sub json {
    my ($name) = @_;

    return decode_json(TelephonyTest::slurp("$dir/layout/$name"));
}
