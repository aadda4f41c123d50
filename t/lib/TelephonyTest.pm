package TelephonyTest;

# The shared set-up of the tests: Test::Nginx::Socket with the module loaded,
# the catalogs included, a fake vendor behind nginx, and an error log that must
# stay free of [alert], [crit] and [emerg].  A whole test file:
#
#     use lib 't/lib';
#     use TelephonyTest;
#
#     run_tests();
#
#     __DATA__
#
#     === TEST 1: an error in HTTP 200 gets an honest status
#     --- provider: voipms
#     --- upstream_body: {"status":"non_sufficient_funds"}
#     --- request
#     GET /api/v1/rest.php
#     --- error_code: 402
#     --- response_headers
#     Telephony-Code: INSUFFICIENT_FUNDS
#
# repeat_each(2) is set and no plan is needed.  All functions and sections of
# Test::Nginx::Socket are there; these come on top:
#
#   --- provider            "telephony_errors <provider>;" in location /api/,
#                           which is proxied to the fake vendor.  Location
#                           /plain/ is the same without the module.
#   --- location            more configuration inside /api/ (and without a
#                           provider: the configuration of /api/)
#   --- both                more configuration inside /api/ and /plain/
#   --- catalogs            which files of catalogs/ are included, without
#                           ".conf": "codes voipms", or "none"; default all
#   --- envelope            what the body must be: one JSON path and value a
#                           line, "provider.code: 11", "errors.0.field: to",
#                           "retryable: false", "provider.message:" (missing).
#                           Checks besides that the body is one JSON object
#                           that catalogs/envelope.schema.json takes
#   --- json                the same of any JSON body: only paths and values;
#                           "tried.#: 3" counts the items of a list or object
#   --- same                (no value) the body and the status line are those of
#                           /plain/ for the same upstream answer, byte for byte
#   --- allow_log           levels not to be checked: [crit]; a block with
#                           must_die may have [emerg] anyway
#
# What the vendor answers, see TelephonyUpstream.pm (same names there):
#
#   --- upstream_status     405, or "405 Some Reason"
#   --- upstream_headers    one a line
#   --- upstream_body       ("--- upstream_body eval" for bytes); the last line
#                           break is cut, as Test::Base does
#   --- upstream_framing    length, chunked, close
#   --- upstream_trailers   one a line
#   --- upstream_gzip       1, or br
#   --- upstream_split, upstream_gap, upstream_delay, upstream_cut,
#       upstream_then, upstream_raw, upstream_count
#   --- upstream_routes eval    { "/api/a" => { status => ..., body => ... } }:
#                           by the path that the vendor gets, before the rest
#
# In "config" and the like: $TEST_NGINX_UPSTREAM_PORT is the vendor,
# $TEST_NGINX_DEAD_PORT a port where nobody listens, $TEST_NGINX_CATALOGS the
# folder of catalogs, $TEST_NGINX_FIXTURES that of t/fixtures.
#
# Tests that are no blocks ("use TelephonyTest ();") have functions, described
# at their definitions: http() asks over a raw connection, start_nginx() runs
# an nginx with the module.
#
# Files run side by side: each takes a free pair of ports, from 1984 up, and a
# server root of its own in build/test/.  TEST_NGINX_SERVER_PORT and
# TEST_NGINX_SERVROOT settle them instead.  The module is that of auto/build;
# TEST_NGINX_LOAD_MODULES names another, or nothing ("") for a static binary.
# The error log is of level info, unless a block has a log_level of its own.

use strict;
use warnings;

use Cwd ();
use File::Basename ();
use File::Path ();
use IO::Socket::INET;
use IO::Socket::UNIX;
use JSON::PP;
use POSIX ();
use Storable ();

our ($root, $build, $slot);

BEGIN {
    $root = Cwd::abs_path(File::Basename::dirname(__FILE__) . '/../..');
    $build = $ENV{BUILD_DIR} || "$root/build";

    File::Path::make_path("$build/test");

    my $listening = sub {
        return IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                     PeerPort => $_[0], Timeout => 1);
    };

    if (!defined $ENV{TEST_NGINX_SERVER_PORT}) {
        for (my $port = 1984; $port < 2048; $port += 2) {
            my $lock = IO::Socket::UNIX->new(
                           Local => "\0telephony-errors-test-$port",
                           Listen => 1);

            next if !$lock || $listening->($port) || $listening->($port + 1);

            $slot = $lock;
            $ENV{TEST_NGINX_SERVER_PORT} = $port;
            last;
        }

        die "no free pair of ports between 1984 and 2047\n" unless $slot;
    }

    my $port = $ENV{TEST_NGINX_SERVER_PORT};

    if (!defined $ENV{TEST_NGINX_SERVROOT}) {
        $ENV{TEST_NGINX_SERVROOT} = "$build/test/servroot-$port";

        # what a test that was killed has left

        File::Path::remove_tree($ENV{TEST_NGINX_SERVROOT}) if $slot;
    }

    $ENV{TEST_NGINX_UPSTREAM_PORT} //= $port + 1;
    $ENV{TEST_NGINX_DEAD_PORT} //= 1;
    $ENV{TEST_NGINX_CATALOGS} //= "$root/catalogs";
    $ENV{TEST_NGINX_FIXTURES} //= "$root/t/fixtures";
    $ENV{TEST_NGINX_LOAD_MODULES} //=
        "$build/ngx_http_telephony_errors_module.so";
    $ENV{TEST_NGINX_LOG_LEVEL} //= 'info';

    # Debian has it where the path of an ordinary user does not reach

    $ENV{PATH} .= ':/usr/sbin';
}

use Test::Nginx::Socket ();
use Test::More ();
use TelephonySchema ();
use TelephonyUpstream;

my ($upstream, $answer_file);

sub import {
    my $caller = caller;

    eval qq{
        package $caller;
        Test::Nginx::Socket->import('no_plan');
        repeat_each(2);
        no_long_string();
        1;
    } or die $@;

    strict->import;
    warnings->import;

    $SIG{__WARN__} = \&_warn;

    $answer_file = "$build/test/answer-$ENV{TEST_NGINX_SERVER_PORT}";

    Storable::nstore({}, $answer_file);

    $upstream = TelephonyUpstream->start($ENV{TEST_NGINX_UPSTREAM_PORT},
                                         \&_answer);

    Test::Nginx::Socket::add_block_preprocessor(\&_prepare);
    Test::Nginx::Socket::add_response_body_check(\&_check_envelope);
    Test::Nginx::Socket::add_response_body_check(\&_check_same);
}

END {
    local $?;

    $upstream->stop if $upstream;

    unlink $answer_file if $answer_file;
}

# Test::Nginx warns of every [emerg], even where a block waits for one.

my $must_die;

sub _warn {
    my ($text) = @_;

    print STDERR $text unless $must_die && $text =~ /^WARNING: .*\[emerg\]/;
}

# in the process of the fake vendor

sub _answer {
    my ($request) = @_;

    my $answer = Storable::retrieve($answer_file);
    my $routes = $answer->{routes} || {};
    (my $path = $request->{path}) =~ s{^/plain/}{/api/};

    return $routes->{$path} || $answer;
}

sub _prepare {
    my ($block) = @_;

    _prepare_answer($block);
    _prepare_config($block);
    _prepare_log($block);
}

sub _prepare_answer {
    my ($block) = @_;

    my %answer;

    for my $name (qw(status body framing gzip split gap delay cut then raw
                     count routes))
    {
        my $section = "upstream_$name";
        my $value = $block->$section;

        next unless defined $value;

        # a value of one line needs no line break at its end

        $value =~ s/\n\z// unless ref $value || $name =~ /^(?:body|raw)$/;
        $answer{$name} = $value;
    }

    for my $name (qw(headers trailers)) {
        my $section = "upstream_$name";
        my $value = $block->$section;

        $answer{$name} = [ split /\r?\n/, $value ] if defined $value;
    }

    Storable::nstore(\%answer, "$answer_file.new");
    rename "$answer_file.new", $answer_file or die "$answer_file: $!\n";
}

sub _prepare_config {
    my ($block) = @_;

    my $catalogs = $block->catalogs // 'all';
    my @files = $catalogs eq 'all' ? ('*') : split ' ', $catalogs;
    my $includes = $catalogs eq 'none' ? '' : join '',
                   map { "include \$TEST_NGINX_CATALOGS/$_.conf;\n" } @files;

    $block->set_value('http_config', $includes . ($block->http_config // ''));

    my $provider = $block->provider;
    my $config = $block->config;

    if (defined $provider || defined $block->location
        || !defined $config)
    {
        my $pass = 'proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;';
        my $both = $block->both // '';
        my $location = $block->location // '';
        my $on = defined $provider ? "telephony_errors $provider;" : '';

        $config = ($config // '') . <<"END";
        location /api/ {
            $on
            $location
            $both
            $pass
        }

        location /plain/ {
            rewrite ^/plain/(.*) /api/\$1 break;
            $both
            $pass
        }
END
    }

    $block->set_value('config', $config);
}

sub _prepare_log {
    my ($block) = @_;

    my $given = $block->no_error_log;
    my @patterns = ref $given ? @$given : split /\n/, $given // '';
    my $allowed = $block->allow_log // '';

    $allowed .= '[emerg]' if defined $block->must_die
                             || defined $block->reload_fails;

    for my $level ('[alert]', '[crit]', '[emerg]') {
        next if index($allowed, $level) >= 0
                || grep { !ref && $_ eq $level } @patterns;

        push @patterns, $level;
    }

    $must_die = defined $block->must_die;
    $block->set_value('suppress_stderr', 1) if $must_die;

    $block->set_value('no_error_log',
                      ref $given ? \@patterns : join "\n", @patterns);
}

sub _check_envelope {
    my ($block, $body, $request, undef, $dry_run) = @_;

    return if $dry_run;

    _check_paths($block->name . ' - envelope', scalar $block->envelope, $body,
                 $request, \&TelephonySchema::problems);

    _check_paths($block->name . ' - json', scalar $block->json, $body,
                 $request);
}

sub _check_paths {
    my ($name, $want, $body, $request, $check) = @_;

    return if !defined $want;

    if (ref $want) {
        $want = $want->[$request] // return;
    }

    my $json = eval { JSON::PP->new->utf8->decode($body) };

    if (ref $json ne 'HASH') {
        Test::More::fail($name);
        Test::More::diag("no JSON object: $body");
        return;
    }

    my @problems = $check ? $check->($json) : ();

    utf8::decode($want) unless utf8::is_utf8($want);

    for my $line (split /\n/, $want) {
        my ($path, $value) = $line =~ /^(\S+?):\s*(.*?)\s*$/ or next;
        my $got = _at($json, split /\./, $path);

        $got = $got ? 'true' : 'false' if JSON::PP::is_bool($got);

        if (($got // '') ne $value) {
            push @problems, "$path: \"" . ($got // '') . "\", not \"$value\"";
        }
    }

    Test::More::ok(!@problems, $name);

    if (@problems) {
        utf8::encode($_) for @problems;
        Test::More::diag(join "\n", @problems, $body);
    }
}

sub _at {
    my ($value, @path) = @_;

    for my $step (@path) {
        $value = ref $value eq 'HASH'
                 ? $step eq '#' ? keys %$value : $value->{$step}
               : ref $value eq 'ARRAY'
                 ? $step eq '#' ? @$value
                   : $step =~ /^\d+$/ ? $value->[$step] : undef
               : undef;
    }

    return $value;
}

# Asks /plain/ for what /api/ has just answered, over a raw connection.

sub _check_same {
    my ($block, $body, undef, undef, $dry_run) = @_;

    return if !defined $block->same || $dry_run;

    my ($method, $uri) = ($block->request // '') =~ m{^\s*(\S+)\s+/api(\S*)}
        or die $block->name . ": \"same\" needs a request for /api/\n";

    my $more = $block->more_headers // '';

    $more =~ s/\r?\n/\r\n/g;
    $more .= "\r\n" if $more =~ /[^\n]\z/;

    my ($status, undef, $plain) = http(
        Test::Nginx::Socket::server_port(),
        "$method /plain$uri HTTP/1.1\r\nHost: localhost\r\n${more}"
        . "Connection: close\r\n\r\n");

    Test::More::is($body, $plain, $block->name . " - same body as without");
    Test::More::is($block->error_code // 200, $status,
                   $block->name . " - same status as without");
}

# All of a file, and a file with that text.

# Starts the nginx of the Debian system in a folder; it ends when the handle that
# is returned is closed, for then its command has read all.

sub start_system {
    my ($dir) = @_;

    my $pid = open my $running, '|-', "$root/auto/chroot", 'run', $dir,
                   'sh', '-c', 'nginx && touch /run/up; cat'
        or die "auto/chroot: $!\n";

    for (1 .. 300) {
        last if -e "$dir/run/up" || waitpid($pid, 1) != 0;
        select undef, undef, undef, 0.1;
    }

    return $running;
}

sub slurp {
    my ($file) = @_;

    local $/;

    open my $in, '<', $file or die "$file: $!\n";

    return <$in> // '';
}

sub spew {
    my ($file, $text) = @_;

    open my $out, '>', $file or die "$file: $!\n";
    print $out $text;
    close $out or die "$file: $!\n";
}

# Sends the bytes of a request to a port of loopback and reads until the end
# of the connection.  Returns status, head and body, chunks put together.

sub http {
    my ($port, $request) = @_;

    my $socket = connection($port);

    print $socket $request;

    local $/;
    my $answer = <$socket> // '';

    my ($head, $body) = split /\r\n\r\n/, $answer, 2;
    my ($status) = ($head // '') =~ m{^HTTP/\d\.\d (\d+)};

    if (($head // '') =~ /^Transfer-Encoding: chunked/mi) {
        my $whole = '';

        while ($body =~ s/\A([0-9a-f]+)[^\r]*\r\n//i && hex $1) {
            $whole .= substr $body, 0, hex $1, '';
            $body =~ s/\A\r\n//;
        }

        $body = $whole;
    }

    return ($status, $head, $body // '');
}

sub connection {
    my ($port) = @_;

    return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port,
                                 Timeout => 5)
           || die "no connection to port $port: $!\n";
}

# Starts an nginx with the module, from the text of a configuration without
# the directives of process, log and temporary files: "events { }", "http { }"
# and what else is wanted.  $TEST_NGINX_* stand for their values.  Waits for
# $TEST_NGINX_SERVER_PORT to listen.  The object knows "root" (a folder, anew),
# "pid", "error_log" (the text so far) and "stop"; it stops by itself, too.

sub start_nginx {
    my ($config, %options) = @_;

    my $port = $ENV{TEST_NGINX_SERVER_PORT};
    my $dir = "$ENV{TEST_NGINX_SERVROOT}-own";

    File::Path::remove_tree($dir);
    File::Path::make_path("$dir/logs");

    $config =~ s/\$(TEST_NGINX_\w+)/$ENV{$1}/g;
    $config =~ s/\bhttp\s*\{/http {
    client_body_temp_path $dir\/body_temp;
    proxy_temp_path $dir\/proxy_temp;
    fastcgi_temp_path $dir\/fastcgi_temp;
    uwsgi_temp_path $dir\/uwsgi_temp;
    scgi_temp_path $dir\/scgi_temp;/;

    my $modules = join '', map { "load_module $_;\n" }
                  split ' ', $ENV{TEST_NGINX_LOAD_MODULES};
    my $user = $> == 0 ? "user root;\n" : '';

    open my $out, '>', "$dir/nginx.conf" or die "$dir/nginx.conf: $!\n";
    print $out $modules, $user, <<"END", $config;
daemon off;
pid $dir/logs/nginx.pid;
error_log $dir/logs/error.log info;
END
    close $out;

    my @command = ($ENV{TEST_NGINX_BINARY} || 'nginx', '-p', $dir,
                   '-c', "$dir/nginx.conf", '-e', "$dir/logs/error.log");

    if ($ENV{TEST_NGINX_USE_VALGRIND}) {
        unshift @command, qw(valgrind -q --leak-check=full
                             --show-possibly-lost=no --gen-suppressions=all),
                          -e 'valgrind.suppress'
                          ? '--suppressions=valgrind.suppress' : ();
    }

    my $pid = fork // die "fork: $!\n";

    if ($pid == 0) {
        exec @command or POSIX::_exit(127);
    }

    my $nginx = bless { pid => $pid, owner => $$, root => $dir },
                'TelephonyTest::Nginx';

    for (1 .. 600) {
        last if IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                      PeerPort => $port, Timeout => 1);

        if (waitpid($pid, POSIX::WNOHANG()) == $pid) {
            delete $nginx->{pid};
            die "nginx does not start:\n" . $nginx->error_log;
        }

        select undef, undef, undef, 0.05;
    }

    return $nginx;
}

package TelephonyTest::Nginx;

sub root {
    return $_[0]{root};
}

sub pid {
    return $_[0]{pid};
}

sub error_log {
    my ($self) = @_;

    open my $in, '<', "$self->{root}/logs/error.log" or return '';

    local $/;
    return <$in> // '';
}

sub stop {
    my ($self) = @_;

    my $pid = delete $self->{pid};

    return if !defined $pid || $self->{owner} != $$;

    local $?;

    # a master that is just starting notes a signal and waits for the next one

    do {
        kill 'QUIT', $pid;
        select undef, undef, undef, 0.02;
    } while (waitpid($pid, POSIX::WNOHANG()) == 0);
}

sub DESTROY {
    my ($self) = @_;

    $self->stop;
}

1;
