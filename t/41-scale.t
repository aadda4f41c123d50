# Large catalogs load, and every row of them is found.  Sizes around those where
# the hash of the rows is built another way, with keys of one and of many
# lengths.  No time by itself is a condition here: see t/bench.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();
use TelephonyUpstream;

use File::Path qw(make_path remove_tree);
use Test::More;

my $dir = "$ENV{TEST_NGINX_SERVROOT}-scale";
my $binary = $ENV{TEST_NGINX_BINARY} || 'nginx';
my $modules = join '', map { "load_module $_;\n" }
              split ' ', $ENV{TEST_NGINX_LOAD_MODULES};

remove_tree($dir);
make_path("$dir/logs");

for my $n (1, 2, 499, 1000, 1500, 2000, 2001, 3000, 10000) {
    is(accepted(rows($n, 'code_%07d')), '', "$n rows of one length");
    is(accepted(rows($n, '%d' . 'x' x ($n % 29))), '', "$n rows of numbers");
}

is(accepted(rows(2000, 'c%d' . '_long' x 45)), '', '2000 rows of long codes');
is(accepted(join '', rows(300, '%dxx'), rows(300, 'p%d_*')), '',
   'hundreds of classes and patterns');

my $twice = rows(20000, 'code_%07d') . "error CODE_0000001 NO_CHANGES;\n";

like(accepted($twice),
     qr/a row for "code_0000001" .* stands in \S+rows\.conf:2 already/,
     'a duplicate among 20,000 rows is found');

my $aliases = words(40000, 'alias wire_%1$d NAME_%1$d;')
              . words(40000, 'nocode none_%d;') . "error x NOT_FOUND;\n";

is(accepted($aliases), '', '80,000 aliases and values under nocode');
like(accepted($aliases . "nocode NONE_7;\n"),
     qr/"NONE_7" is given twice in "nocode" statements, first in \S+rows\.conf/,
     'one that is given twice among them is found');

# each compared with all others they cost 50 times as much

cmp_ok(cpu($aliases), '<', 10 * cpu(words(80000, 'error wire_%d NOT_FOUND;')),
       'they cost about what as many rows cost');

ask(100000);

SKIP: {
    skip 'a sanitizer has its own memory', 1
        if $binary =~ /asan/ || $ENV{TEST_NGINX_USE_VALGRIND};

    my ($few, $many) = map { memory($_) } 10, 100_000;
    my $bytes = ($many - $few) * 1024 / (100_000 - 10);

    cmp_ok($bytes, '<', 200, 'bytes a row takes of a worker');
    diag(sprintf 'a row takes %.0f bytes of a worker', $bytes);
}

remove_tree($dir);
done_testing();

sub rows {
    my ($n, $format) = @_;

    return join '', map {
        sprintf "error %s NOT_FOUND \"Row %d.\";\n", sprintf($format, $_), $_
    } 0 .. $n - 1;
}

sub words {
    my ($n, $format) = @_;

    return join '', map { sprintf "$format\n", $_ } 1 .. $n;
}

# CPU time of nginx -t

sub cpu {
    my ($rows) = @_;

    my @before = times;
    accepted($rows);
    my @after = times;

    return $after[2] + $after[3] - $before[2] - $before[3];
}

sub catalog {
    my ($rows) = @_;

    open my $out, '>', "$dir/rows.conf" or die "$dir/rows.conf: $!\n";
    print $out $rows;
    close $out;

    return <<"END";
    include $ENV{TEST_NGINX_CATALOGS}/codes.conf;
    telephony_catalog scale {
        code c;
        include $dir/rows.conf;
    }
END
}

# What nginx -t says of a catalog: nothing, if all is well.

sub accepted {
    my $catalog = catalog(join '', @_);

    open my $out, '>', "$dir/nginx.conf" or die "$dir/nginx.conf: $!\n";
    print $out "${modules}pid $dir/nginx.pid;\nevents { }\n",
               "http {\naccess_log off;\n$catalog}\n";
    close $out;

    my $log = `$binary -e $dir/logs/error.log -p $dir/ -c $dir/nginx.conf -q -t 2>&1`;

    return $log;
}

sub ask {
    my ($n) = @_;

    my $upstream = TelephonyUpstream->start($ENV{TEST_NGINX_UPSTREAM_PORT},
                                            sub {
        my ($code) = $_[0]{path} =~ m{/(\w+)$};

        return { body => qq({"c":"$code"}) };
    });

    my $nginx = serve($n, '');

    for my $i (0, 1, 2, 4095, 49999, $n / 2, $n - 2, $n - 1) {
        is(detail("code_$i"), "404 Row $i.", "row $i of $n");
    }

    is(detail("code_$n"), '502 Unknown provider error', "no row behind $n");
    unlike($nginx->error_log, qr/\[(?:warn|alert|crit|emerg)\]/,
           'nothing in the log');
}

sub serve {
    my ($n, $main) = @_;

    my $catalog = catalog(rows($n, 'code_%d'));

    return TelephonyTest::start_nginx(<<"END");
$main
events { }
http {
    access_log off;
$catalog
    server {
        listen 127.0.0.1:\$TEST_NGINX_SERVER_PORT;
        location / {
            telephony_errors scale;
            proxy_pass http://127.0.0.1:\$TEST_NGINX_UPSTREAM_PORT;
        }
    }
}
END
}

# Kilobytes of a worker of its own, with so many rows.

sub memory {
    my ($n) = @_;

    my $nginx = serve($n, 'master_process off;');

    detail('code_1');

    open my $in, '<', '/proc/' . $nginx->pid . '/status' or return 0;

    my ($size) = join('', <$in>) =~ /^RssAnon:\s+(\d+)/m;

    $nginx->stop;

    return $size;
}

sub detail {
    my ($code) = @_;

    my ($status, undef, $body) = TelephonyTest::http(
        $ENV{TEST_NGINX_SERVER_PORT},
        "GET /$code HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

    my ($detail) = $body =~ /"detail":"([^"]*)"/;

    return "$status " . ($detail // $body);
}
