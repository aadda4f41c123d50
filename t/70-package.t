# The Debian package on a new machine: it is built, installed into a bare system
# in a folder, asked a question, and removed.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP;
use Test::More;
use TelephonyTest ();

my $root = $TelephonyTest::root;
my $dir = "$TelephonyTest::build/package/system";
my $port = $ENV{TEST_NGINX_SERVER_PORT};
my $vendor_port = $ENV{TEST_NGINX_UPSTREAM_PORT};
my $name = 'libnginx-mod-http-telephony-errors';

# the package is for the distribution's nginx, as it is

plan skip_all => 'another nginx is tested' if $ENV{TEST_NGINX_BINARY};

my $unable = `$root/auto/chroot able 2>&1`;

plan skip_all => $unable if $?;

my ($package) = split /\n/, `$root/auto/package --lint`;

die "no package, or one with flaws\n" if $? || !defined $package;

system('rm', '-rf', $dir);
system("$root/auto/chroot", 'make', $dir) == 0
    or die "no Debian system in $dir\n";

is(system("$root/auto/chroot", 'install', $dir, $package, 'nginx'), 0,
   'the package installs with all that it needs');

is(readlink "$dir/etc/nginx/modules-enabled/50-mod-http-telephony-errors.conf",
   '/usr/share/nginx/modules-available/mod-http-telephony-errors.conf',
   'the module is enabled');

my @catalogs = map { m{([^/]+)$} }
               glob "$root/catalogs/*.conf $root/catalogs/proxy.snippet";

is_deeply([ sort map { m{ /etc/nginx/telephony/(\S+) }g }
            inside('dpkg-query', '-W', '-f', '${Conffiles}\n', $name) ],
          [ sort @catalogs ],
          'the catalogs are configuration files that an upgrade leaves alone');

is(status('nginx', '-t', '-q'), 0, 'nginx loads the module');

for my $file (qw(README.Debian README.md.gz catalogs/README.md.gz copyright
                 changelog.gz changelog.Debian.gz envelope.schema.json
                 examples/run.conf examples/grafana.json examples/alerts.yml))
{
    ok(-s "$dir/usr/share/doc/$name/$file", "there is $file");
}

unlink "$dir/etc/nginx/sites-enabled/default";

# The site that README.Debian names

symlink('../sites-available/telephony', "$dir/etc/nginx/sites-enabled/telephony");

{
    open my $hosts, '>>', "$dir/etc/hosts" or die "hosts: $!\n";
    print $hosts "127.0.0.1 voip.ms\n";
}

is(status('nginx', '-t', '-q'), 0, 'the site that comes with it is taken');

unlink "$dir/etc/nginx/sites-enabled/telephony";

# What README says, word for word: the log is one that Debian's nginx rotates, and
# the vendor that is played is asked

my $readme = slurp("$root/README.md");

my ($log) = $readme =~ /^access_log (\S+)/m;
my ($rotated) = slurp("$dir/etc/logrotate.d/nginx") =~ /^(\S+)\s*\{/m;

like($log, glob_pattern($rotated), "the log of README is rotated");

my ($question) = $readme =~ /^\*\*See whether it works.*?```nginx\n(.*?)```/ms;

$question =~ s/127\.0\.0\.1:8080/127.0.0.1:$port/g;
$question =~ s/127\.0\.0\.1:8081/127.0.0.1:$vendor_port/g;
spew('conf.d/telephony.conf', $question);

is(status('nginx', '-t', '-q'), 0, 'nginx takes the catalogs');

my $running = TelephonyTest::start_system($dir);

my ($code, $head, $body) =
    TelephonyTest::http($port, "GET /voipms/rest.php HTTP/1.1\r\n"
                               . "Host: localhost\r\nConnection: close\r\n\r\n");

is($code, 402, 'the status is honest');
like($head, qr/^Telephony-Code: INSUFFICIENT_FUNDS\r$/m, 'the headers are set');
is(eval { decode_json($body)->{provider}{code} }, 'non_sufficient_funds',
   'the envelope is sent');

close $running;

unlike(slurp("$dir/var/log/nginx/error.log"), qr/\[(?:alert|crit|emerg)\]/,
       'nothing grave is logged');

# What an operator has written stays

spew('telephony/local.conf', "telephony_catalog voipms { success fine; }\n");
spew('telephony/mango.conf', slurp("$root/catalogs/mango.conf") . "# ours\n");

is(status('nginx', '-t', '-q'), 0, "an operator's own rows are a file beside");

is(status('dpkg', '-i', '--force-confdef', '/var/cache/apt/archives/'
          . ($package =~ m{([^/]+)$})[0]), 0, 'the package installs again');
like(slurp("$dir/etc/nginx/telephony/mango.conf"), qr/# ours$/,
     'a catalog that was edited stays');

unlink "$dir/etc/nginx/conf.d/telephony.conf";

is(status('dpkg', '--purge', $name), 0, 'the package can be purged');
is(join(' ', map { m{([^/]+)$} } glob "$dir/etc/nginx/telephony/*"),
   'local.conf', "the operator's own file stays");
is_deeply([ glob "$dir/etc/nginx/modules-enabled/*telephony*" ], [],
          'the module is not enabled any more');
is(status('nginx', '-t', '-q'), 0, 'nginx runs without it');

system('rm', '-rf', $dir);

done_testing();


# Runs a command there: what it prints, or how it ends.

sub inside {
    open my $out, '-|', "$root/auto/chroot", 'run', $dir, @_
        or die "auto/chroot: $!\n";

    my $said = do { local $/; <$out> };

    close $out;

    return $said;
}

sub glob_pattern {
    my ($glob) = @_;

    my $pattern = join '[^/]*', map { quotemeta } split /\*/, $glob;

    return qr/^$pattern$/;
}

sub status {
    open my $out, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh',
              "$root/auto/chroot", 'run', $dir, @_
        or die "auto/chroot: $!\n";

    my $said = do { local $/; <$out> };

    close $out;

    diag($said) if $?;

    return $?;
}

sub slurp {
    my ($file) = @_;

    open my $in, '<', $file or return '';
    local $/;

    return <$in> // '';
}

sub spew {
    my ($file, $text) = @_;

    open my $out, '>', "$dir/etc/nginx/$file" or die "$file: $!\n";
    print $out $text;
    close $out or die "$file: $!\n";
}
