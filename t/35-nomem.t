#!/usr/bin/env perl

# Out of memory: for every allocation that the worker makes for a request, one
# request for which it fails.  The worker must live, must not answer wrongly,
# and must be right the next time.  See t/nomem/nomem.c.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();
use TelephonyUpstream;

use Compress::Zlib ();
use IO::Select;
use Test::More;
use Time::HiRes qw(sleep);

my $sanitized = $ENV{TEST_NGINX_USE_VALGRIND}
                || ($ENV{TEST_NGINX_BINARY} // '') =~ /asan/;

plan(skip_all => 'sanitizers and valgrind have allocators of their own')
    if $sanitized;

my $port = $ENV{TEST_NGINX_SERVER_PORT};
my $shim = "$TelephonyTest::build/test/nomem.so";
my $control = "$TelephonyTest::build/test/nomem-$port";
my $compiler = $ENV{CC} || 'cc';
my $patience = 20;      # a failsafe: whoever waits so long waits for ever

system("$compiler -shared -fPIC -O2 -Wall -o $shim.$$ t/nomem/nomem.c -ldl"
       . " && mv $shim.$$ $shim") == 0
    or BAIL_OUT('t/nomem/nomem.c cannot be compiled');

my $list = join ',', map { $_ * 7919 } 1 .. 600;
my $error = '{"status":"invalid_did","message":"Not a \u0444 DID"}';
my $brotli = `printf '%s' '$error' | brotli -c 2>/dev/null`;

# What the vendor answers, and to which location the request goes.

my %kinds = (
    'a success' => { body => '{"status":"success","a":[1,2,3]}' },

    'a success that is held' => {
        body => "{\"list\":[$list],\"status\":\"success\"}",
        split => 700, framing => 'chunked',
    },

    'an error' => { body => $error },

    'an error that is held' => {
        body => "{\"list\":[$list],\"status\":\"invalid_did\"}", split => 900,
    },

    'an error status' => {
        at => 'totalvoice', status => 405,
        body => '{"motivo":11,"mensagem":"ramal inv\u00e1lido, '
                . 'j\u00e1 existe um ramal 4001 cadastrado"}',

        # neither nginx's map nor a template says that it had no memory
        or => qr/"code":"INVALID_PARAMETER"/,
    },

    'an error status without JSON' => {
        status => 503, body => '<html>' . 'x' x 3000 . '</html>',
        headers => ['Retry-After: 7', 'WWW-Authenticate: Basic',
                    'Set-Cookie: a=b', 'ETag: "x"'],
    },

    'a notice' => { body => '{"status":"no_sms"}' },

    'a window overflow' => {
        at => 'window', framing => 'chunked', split => 600,
        body => "{\"list\":[$list],\"status\":\"success\"}",
    },

    'an error in gzip' => {
        body => Compress::Zlib::memGzip($error),
        headers => ['Content-Encoding: gzip'],
    },

    'a success in gzip that is held' => {
        body => Compress::Zlib::memGzip("{\"list\":[$list],"
                                        . '"status":"success"}'),
        headers => ['Content-Encoding: gzip'], split => 300,
    },

    length $brotli ? (
        'an error in brotli' => {
            body => $brotli, headers => ['Content-Encoding: br'],
        }) : (),

    'a HEAD with an error status' => { method => 'HEAD', status => 404 },

    'elements that failed' => {
        at => 'fonedynamics',
        body => '[{"MessageSid":"S1"},{"ErrorCode":"BRAND_NEW","Message":"?"}]',
    },

    'an unknown code' => { body => '{"status":"brand_new_code"}' },

    # nor does a variable

    'an envelope of one\'s own' => {
        at => 'own', body => $error, or => qr/"status":null|"text":""/,
    },

    'a notice with a status' => {
        at => 'override', body => '{"status":"no_sms"}',
    },

    'an error that is observed' => { at => 'observe', body => $error },

    'a vendor that dies while the answer is held' => {
        body => "{\"list\":[$list", cut => 1000,
    },

    'a vendor that is not there' => { at => 'refused' },

    'an error from the cache' => { at => 'cached', body => $error },

    'an error that is given up' => {
        at => 'given_up', body => $error,
    },

    'an error that is held, and given up' => {
        at => 'given_up', body => "{\"list\":[$list],\"status\":\"invalid_did\"}",
        split => 900, framing => 'chunked',
    },

    'a 401 that is given up for a page' => {
        at => 'page', status => 401, body => '{"status":"invalid_credentials"}',
        headers => ['WWW-Authenticate: Basic'],
    },

    'a HEAD that is given up' => {
        at => 'given_up', method => 'HEAD', status => 400,
    },

    'a vendor that dies and is given up' => {
        at => 'given_up', body => "{\"list\":[$list", cut => 1000,
    },

    'a server that counts as failed' => {
        at => 'peer_failed', body => $error, framing => 'chunked',
    },

    'counters' => { at => 'metrics' },

    'a reference' => { at => 'reference' },

    'an explanation' => { at => 'explain', method => 'POST',
                          sends => $error },
);

for my $name (keys %kinds) {
    ($kinds{$name}{path} = $name) =~ s/[^a-z]/_/gi;
    $kinds{$name}{at} //= 'voipms';
}

my %paths = map { $_->{path} => $_ } values %kinds;

my $vendor = TelephonyUpstream->start($ENV{TEST_NGINX_UPSTREAM_PORT}, sub {
    my ($request) = @_;

    my ($path) = $request->{path} =~ m{([^/]*)$};

    return { body => '{"status":"success","from":"second"}' }
        if $request->{headers}{'x-second'};

    return $paths{$path} // { status => 599 };
});

sub configuration {
    my ($pool) = @_;

    my %more = (
        window => 'telephony_errors_window 1k;',
        own => 'telephony_errors_envelope mine;',
        override => 'telephony_errors_override NO_RESULTS 404;',
        observe => 'telephony_errors_observe on;',
        cached => 'proxy_cache cache; proxy_cache_valid any 1h;',
        given_up => 'telephony_errors_intercept all non_idempotent;
                     error_page 400 503 = @second;
                     add_header X-Intercepted $telephony_intercepted always;',
        page => 'telephony_errors_intercept all; error_page 401 /sorry;',
        peer_failed => 'telephony_errors_peer_failed INVALID_PHONE_NUMBER;',
    );

    my $locations = '';

    for my $name (qw(voipms totalvoice fonedynamics window own override observe
                     refused cached given_up page peer_failed))
    {
        my $provider = $name =~ /voice|fone/ ? $name : 'voipms';
        my $more = $more{$name} // '';
        my $to = $name eq 'refused' ? 'DEAD' : 'UPSTREAM';

        my $where = $name eq 'peer_failed' ? 'two'
                    : "127.0.0.1:\$TEST_NGINX_${to}_PORT";

        $locations .= "location /$name/ { telephony_errors $provider; $more
                       proxy_pass http://$where; }";
    }

    return <<"END";
    worker_processes 1;

    events { worker_connections 64; }

    http {
        include \$TEST_NGINX_CATALOGS/*.conf;

        access_log off;
        telephony_errors_zone counters 256k;
        proxy_cache_path $ENV{TEST_NGINX_SERVROOT}-own/cache
                         keys_zone=cache:1m use_temp_path=off;

        upstream two {
            server 127.0.0.1:\$TEST_NGINX_UPSTREAM_PORT max_fails=0;
            server 127.0.0.1:\$TEST_NGINX_UPSTREAM_PORT max_fails=0;
        }

        telephony_envelope mine application/json {
            error.status:number  \$telephony_status;
            error.text           "\$telephony_detail";
        }

        $pool

        server {
            listen 127.0.0.1:\$TEST_NGINX_SERVER_PORT;

            location /ready   { add_header X-Id \$request_id always;
                                return 204; }
            location /sorry   { return 200 "sorry, no \$telephony_code"; }
            location \@second  { telephony_errors voipms;
                                proxy_set_header X-Second 1;
                                proxy_pass http://two; }
            location /metrics { telephony_errors_metrics; }
            location /reference/ {
                rewrite ^ /reference/invalid-parameter break;
                telephony_errors_reference;
            }
            location /explain { telephony_errors_explain voipms; }

            $locations
        }
    }
END
}

my $nginx;

sub slurp {
    my ($file) = @_;

    open my $in, '<', $file or return '';
    local $/;

    return <$in> // '';
}

sub worker {
    my $pid = $nginx->pid;

    my ($worker) = grep { slurp("/proc/$_/cmdline") =~ /worker process/ }
                   split ' ', slurp("/proc/$pid/task/$pid/children");

    return $worker // 0;
}

sub descriptors {
    my ($pid) = @_;

    return scalar(() = glob "/proc/$pid/fd/*");
}

# With an identifier, for which OpenSSL makes thousands of allocations once.

sub ready {
    my ($status) = TelephonyTest::http($port, "GET /ready HTTP/1.0\r\n\r\n");

    return ($status // '') eq '204';
}

# A new worker in the place of the old one.

sub renew {
    my $old = worker();

    kill 'TERM', $old if $old;

    for (1 .. $patience * 100) {
        my $new = worker();

        return ready() if $new && $new != $old;
        sleep 0.01;
    }

    return 0;
}

# The allocations of a process that are good, -1 for all.

sub arm {
    my ($pid, $good) = @_;

    open my $out, '+<:raw', $control or die "$control: $!\n";
    syswrite $out, pack 'q4', $pid, $good, 0, 0;
}

sub failed {
    my @told = unpack 'q4', slurp($control);

    return $told[3];
}

# Everything until the end of the connection, and how that came.

sub ask {
    my ($kind) = @_;

    my $method = $kind->{method} // 'GET';
    my $sends = $kind->{sends} // '';
    my $fh = TelephonyTest::connection($port);
    my $in = '';

    print $fh "$method /$kind->{at}/$kind->{path} HTTP/1.1\r\n"
              . "Host: localhost\r\nConnection: close\r\n"
              . (length $sends ? 'Content-Length: ' . length($sends) . "\r\n"
                               : '')
              . "\r\n$sends";

    while (IO::Select->new($fh)->can_read($patience)) {
        my $n = sysread $fh, $in, 65536, length $in;

        return $in if !$n;
    }

    return "stalled: $in";
}

# The parts that are alike each time.

sub alike {
    my ($answer) = @_;

    $answer =~ s/^Date: .*\r\n//m;
    $answer =~ s/urn:uuid:[0-9a-f-]{36}/urn:uuid/;
    $answer =~ s/\d+/n/g if $answer =~ /^# TYPE /m;

    # chunks are as they fall

    if ($answer =~ /^Transfer-Encoding: chunked/mi) {
        $answer =~ s/\r\n[0-9a-f]+\r\n(?=.)//gs;
    }

    return $answer;
}

# Is it an answer to its end?

sub whole {
    my ($answer, $kind) = @_;

    my ($head, $body) = split /\r\n\r\n/, $answer, 2;

    return 0 if !defined $body;
    return 1 if ($kind->{method} // '') eq 'HEAD';
    return length $body == $1 if $head =~ /^Content-Length: (\d+)/mi;
    return $body =~ /(?:\A|\r\n)0\r\n\r\n\z/
        if $head =~ /^Transfer-Encoding: chunked/mi;

    return 1;
}

sub wrong {
    my ($kind, $answer, $right) = @_;

    return "no end of it: $answer" if $answer =~ /^stalled/;
    return if alike($answer) eq $right || !whole($answer, $kind);
    return if $kind->{or} && $answer =~ $kind->{or};

    # the only part of an envelope that is left out if there is no memory

    s/,"instance":"urn:uuid"//, s/^Content-Length:.*\r\n//m
        for my ($short, $full) = (alike($answer), $right);

    return if $short eq $full;

    # nginx's own page, or the envelope for it

    return if $answer =~ m{^HTTP/1\.1 50[0234] };

    return "another answer: $answer";
}

# One kind, for every allocation.  A cold worker has answered nothing before.

sub try {
    my ($name, $cold, $what) = @_;

    my $kind = $kinds{$name};
    my (@problems, $n);
    my $missed = 0;

    renew();
    ask($kind);

    my $right = alike(ask($kind));
    my $pid = worker();
    my $before = descriptors($pid);

    for ($n = 0; $missed < 2 && $n < 2000 && @problems < 5; $n++) {
        if ($cold) {
            renew();
            $pid = worker();
        }

        arm($pid, $n);

        my $answer = ask($kind);
        my $failed = failed();

        arm($pid, -1);

        my @wrong = $failed ? wrong($kind, $answer, $right) : ();
        my $next = alike(ask($kind));

        push @wrong, "the next answer is wrong: $next" if $next ne $right;

        if (worker() != $pid) {
            push @wrong, 'the worker has died';
            renew();
            $pid = worker();
        }

        push @problems, map { "allocation $n: $_" } @wrong;
        $missed = $failed ? 0 : $missed + 1;
    }

    # connections are closed in their own time

    if (!$cold) {
        for (1 .. $patience * 20) {
            last if descriptors($pid) <= $before;
            sleep 0.05;
        }

        push @problems, 'descriptors are left: ' . descriptors($pid)
                        . ", before $before" if descriptors($pid) > $before;
    }

    ok(!@problems && $n > 4, "$name, $what: " . ($n - 2) . ' allocations');
    diag(join "\n", @problems) if @problems;
}

# Pools of nginx's default size, in a worker that has answered and in one that
# has not; then pools so small that every piece is an allocation of its own.

my %pools = (
    'usual pools' => '',
    'small pools' => 'request_pool_size 128; connection_pool_size 128;
                      client_header_buffer_size 256;',
);

for my $pools ('usual pools', 'small pools') {
    open my $out, '>:raw', $control or die "$control: $!\n";
    print $out pack 'q4', 0, -1, 0, 0;
    close $out;

    {
        local $ENV{NOMEM} = $control;
        local $ENV{LD_PRELOAD} = $shim;

        # both are to be there for the workers, too

        $nginx = TelephonyTest::start_nginx(
            "env NOMEM; env LD_PRELOAD;\n" . configuration($pools{$pools}));
    }

    for my $name (sort keys %kinds) {
        next if defined $ENV{NOMEM_ONLY} && $name !~ /$ENV{NOMEM_ONLY}/;

        try($name, 0, $pools);
        try($name, 1, "$pools, a new worker");
    }

    $nginx->stop;

    my %alerts = map { $_ => 1 }
                 map { s/^.*?\[/[/r }
                 grep { /\[(?:alert|crit)\]|exited on signal/
                        && !/zlib\ cannot\ be\ set\ up:\ -4
                             |pcre2_match\(\)\ failed:\ -48/x }
                 split /\n/, $nginx->error_log;

    is(join("\n", sort keys %alerts), '', "no alert, $pools");
}

$vendor->stop;
unlink $control;

done_testing();
