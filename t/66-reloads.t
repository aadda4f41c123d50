#!/usr/bin/env perl

# Reloads that take the module's things away and bring them back: the zone, the
# directives, the whole http block.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();
use TelephonyUpstream;
use Test::More;
use JSON::PP;

my $port = $ENV{TEST_NGINX_SERVER_PORT};
my $error = '{"padding":"' . 'x' x 60 . '","status":"non_sufficient_funds"}';

# /slow is held: its code comes late, the reload while it is on its way

my $slow = 0;

my $upstream = TelephonyUpstream->start($ENV{TEST_NGINX_UPSTREAM_PORT}, sub {
    my ($request) = @_;

    return { body => $slow } if $request->{path} eq '/seen';

    $slow++ if $request->{path} =~ /slow/;

    return { body => $error, $request->{path} =~ /slow/
                             ? (split => 40, gap => 0.5) : () };
});

my $plain = <<'END';
worker_processes 1;

events { worker_connections 256; }

http {
    access_log off;
    # main

    server {
        listen 127.0.0.1:$TEST_NGINX_SERVER_PORT;

        location /metrics {
            # metrics
        }

        location / {
            # errors
            proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
        }
    }
}
END

my %config = (B => $plain, C => "events { }\n");

$config{A} = $plain;
$config{A} =~ s{\# main}{telephony_errors_zone counters 256k;
                         include $ENV{TEST_NGINX_CATALOGS}/*.conf;};
$config{A} =~ s{\# metrics}{telephony_errors_metrics;};
$config{A} =~ s{\# errors}{telephony_errors voipms;};

($config{D} = $config{A}) =~ s{256k}{512k};
($config{E} = $config{A}) =~ s{(include \S+;)}{$1
    telephony_catalog voipms { error brand_new NO_SUCH_CODE; }};

s/\$(TEST_NGINX_\w+)/$ENV{$1}/g for values %config;

my $nginx = TelephonyTest::start_nginx($config{A});
my $head = do {
    open my $in, '<', $nginx->root . '/nginx.conf' or die "nginx.conf: $!\n";
    local $/;
    (split /^worker_processes/m, <$in>)[0];
};
my ($temp) = map { join '', $_ =~ /^ *\w+_temp_path \S+;\n/mg } do {
    open my $in, '<', $nginx->root . '/nginx.conf' or die "nginx.conf: $!\n";
    local $/;
    <$in>;
};

sub ask {
    my ($uri) = @_;

    return TelephonyTest::http($port,
        "GET $uri HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
}

sub seen {
    return (TelephonyTest::http($ENV{TEST_NGINX_UPSTREAM_PORT},
        "GET /seen HTTP/1.1\r\nHost: v\r\nConnection: close\r\n\r\n"))[2];
}

sub counted {
    my ($status, undef, $body) = ask('/metrics?format=json');

    my ($voipms) = grep { $_->{name} eq 'voipms' }
                   @{ decode_json($body)->{providers} };

    return $voipms ? $voipms->{responses} : 0;
}

sub said {
    my ($pattern) = @_;

    return scalar(() = $nginx->error_log =~ /$pattern/g);
}

# Reloads; an answer that is held meanwhile ends as it began.

sub reload {
    my ($was, $name) = @_;

    my $socket = $was eq 'C' ? undef : TelephonyTest::connection($port);

    if ($socket) {
        my $seen = seen();

        print $socket "GET /slow HTTP/1.1\r\nHost: localhost\r\n"
                      . "Connection: close\r\n\r\n";

        # the worker has the request when the vendor has it

        for (1 .. 400) {
            last if seen() > $seen;
            select undef, undef, undef, 0.025;
        }
    }

    (my $config = $config{$name}) =~ s/\bhttp \{\n/http {\n$temp/;
    my $sign = $name eq 'E' ? qr/\[emerg\]/ : qr/start worker process \d+/;
    my $before = said($sign);

    open my $out, '>', $nginx->root . '/nginx.conf' or die "nginx.conf: $!\n";
    print $out $head, $config;
    close $out;

    kill 'HUP', $nginx->pid;

    for (1 .. 400) {
        last if said($sign) > $before;
        select undef, undef, undef, 0.025;
    }

    cmp_ok(said($sign), '>', $before, "$was to $name: the reload is over");

    return if !$socket;

    my $answer = do { local $/; <$socket> } // '';

    like($answer, $was eq 'B' ? qr/^HTTP\/1.1 200 .*\Q$error\E$/s
                              : qr/^HTTP\/1.1 402 .*INSUFFICIENT_FUNDS.*\}$/s,
         "$was to $name: what was held ends by its own configuration");
}

ask('/') for 1 .. 3;
is(counted(), 3, 'A counts');

reload('A', 'B');
is((ask('/'))[0], 200, 'B: nothing is judged');

reload('B', 'A');
is(counted(), 0, 'A after B: the counters begin anew');
is((ask('/'))[0], 402, 'A after B: judged');

reload('A', 'C');
reload('C', 'A');
is(counted(), 0, 'A after C: the counters begin anew');
is((ask('/'))[0], 402, 'A after C: judged');

reload('A', 'D');
is(counted(), 0, 'D: a zone of another size begins anew');
ask('/') for 1 .. 2;

reload('D', 'E');
is(counted(), 3, 'E is refused, and D goes on counting, what was held, too');

reload('D', 'A');
is(counted(), 0, 'A after D begins anew');
ask('/');

reload('A', 'A');
is(counted(), 2, 'A after A: the counters go on, what was held, too');

unlike($nginx->error_log, qr/\[(?:alert|crit)\]/, 'a clean error log');
is(said(qr/\[emerg\]/), said(qr/\[emerg\].*"NO_SUCH_CODE"/),
   'the only thing refused is the row without a code');

$nginx->stop;
$upstream->stop;

done_testing();
