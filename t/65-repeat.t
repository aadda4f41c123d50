#!/usr/bin/env perl

# nginx itself repeats a GET by default, and at some vendors a GET sends an SMS:
# proxy_next_upstream and the warning where a catalog forbids it.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();
use TelephonyUpstream;
use Test::More;

my $port = $ENV{TEST_NGINX_SERVER_PORT};

my %calls;

# silent: reads the call and says nothing; stale: reads a call on a kept
# connection and closes it; the others are answered

my $upstream = TelephonyUpstream->start($ENV{TEST_NGINX_UPSTREAM_PORT}, sub {
    my ($request) = @_;

    my $path = $request->{path};

    return { body => $calls{$1} // 0 } if $path =~ m{/calls/(\w+)};

    my ($name) = $path =~ m{(\w+)$} or return { body => '{}' };

    $calls{$name}++;

    return { delay => 30 } if $path =~ m{/silent/};
    return { raw => '' } if $path =~ m{/stale/} && $calls{$name} == 1;

    return { body => '{"status":"success","sms":1}' };
});

my $config = <<'END';
worker_processes 1;

events { worker_connections 256; }

http {
    access_log off;
    include $TEST_NGINX_CATALOGS/codes.conf;

    telephony_catalog never {
        code status;
        success success;
        repeatable never;
    }

    telephony_catalog some {
        code status;
        success success;
        repeatable GET HEAD;
    }

    telephony_catalog usual {
        code status;
        success success;
    }

    log_format calls "second: $uri";

    upstream two {
        server 127.0.0.1:$TEST_NGINX_UPSTREAM_PORT max_fails=0;
        server unix:$TEST_NGINX_SERVROOT-own/second.sock backup;
    }

    upstream kept {
        server 127.0.0.1:$TEST_NGINX_UPSTREAM_PORT max_fails=0;
        keepalive 2;
    }

    server {
        listen unix:$TEST_NGINX_SERVROOT-own/second.sock;
        access_log logs/error.log calls;

        location / {
            return 200 '{"status":"success","sms":2}';
        }
    }

    proxy_read_timeout 500ms;
    proxy_http_version 1.1;
    proxy_set_header Connection "";

    server {
        listen 127.0.0.1:$TEST_NGINX_SERVER_PORT;

        location /calls/ {
            proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
        }

        location /two/ {
            telephony_errors never;
            proxy_pass http://two/;
        }

        location /two_off/ {
            telephony_errors never;
            proxy_next_upstream off;
            proxy_pass http://two/;
        }

        location /two_tries/ {
            telephony_errors never;
            proxy_next_upstream_tries 1;
            proxy_set_header Connection close;
            proxy_pass http://two/;
        }

        location /two_some/ {
            telephony_errors some;
            proxy_pass http://two/;
        }

        location /two_usual/ {
            telephony_errors usual;
            proxy_pass http://two/;
        }

        location /two_post/ {
            telephony_errors usual;
            proxy_next_upstream error non_idempotent;
            proxy_pass http://two/;
        }

        location /two_observed/ {
            telephony_errors never;
            telephony_errors_observe on;
            proxy_pass http://two/;
        }

        location /kept/ {
            telephony_errors never;
            proxy_pass http://kept/;
        }

        location /kept_off/ {
            telephony_errors never;
            proxy_next_upstream off;
            proxy_pass http://kept/;
        }

        location /one/ {
            telephony_errors never;
            proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT/;
        }
    }
}
END

my $nginx = TelephonyTest::start_nginx($config);

sub ask {
    my ($uri) = @_;

    my ($status, $head, $body) = TelephonyTest::http($port,
        "GET $uri HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

    return wantarray ? ($status, $head, $body) : $body;
}

sub warnings_of {
    my ($location) = @_;

    my @lines = grep { /\[warn\].*nginx may send a call of location/
                       && (!defined $location || /"\/$location\/"/) }
                split /\n/, $nginx->error_log;

    return scalar @lines;
}

sub second {
    my ($name) = @_;

    return scalar grep { m{second: /\w+/$name$} } split /\n/,
                       $nginx->error_log;
}

# a silent server, and another one behind it

{
    my ($status, $head, $body) = ask('/two_off/silent/sms1');

    is($status, 504, 'a call that is not repeated fails');
    like($body, qr/"code":"PROVIDER_TIMEOUT".*"retryable":false/,
         'in the envelope, not to be repeated');
    is(ask('/calls/sms1'), 1, 'the first server got it once');
    is(second('sms1'), 0, 'and the second never');

    ($status, $head, $body) = ask('/two/silent/sms2');

    is($status, 200, 'by default nginx asks the next server');
    is(ask('/calls/sms2') + second('sms2'), 2, 'so that two got the call');
    is(warnings_of('two'), 1, 'which is a warning, where the catalog forbids it');
    like($nginx->error_log,
         qr/telephony: nginx may send a call of location "\/two\/" to "never" twice, which the catalog does not allow: add "proxy_next_upstream off;", or correct "repeatable"; said once/,
         'with the remedy');
    unlike($nginx->error_log, qr/nginx may send[^\n]*sms2/,
           'and without the call, which may hold a password');

    ask('/two/good/sms3') for 1 .. 3;

    is(warnings_of('two'), 1, 'said once');
    is(warnings_of('two_off'), 0, 'and not where nginx does not repeat');
}

# what could be repeated is a warning at the first request

{
    my %wanted = (two_tries => 0, two_some => 1, two_usual => 0,
                  two_post => 1, two_observed => 1, one => 0);

    for my $location (sort keys %wanted) {
        ask("/$location/good/a") for 1 .. 2;

        is(warnings_of($location), $wanted{$location},
           "$location: " . ($wanted{$location} ? 'a' : 'no') . ' warning');
    }
}

# a connection that was kept and is closed while the call is on it

{
    ask('/kept_off/good/a');

    my ($status, $head, $body) = ask('/kept_off/stale/sms4');

    is($status, 503, 'a kept connection that dies with a call on it');
    like($body, qr/"code":"PROVIDER_UNAVAILABLE".*"retryable":false/,
         'is an unavailable provider');
    is(ask('/calls/sms4'), 1, 'which got the call once');
    is(warnings_of('kept_off'), 0, 'without a warning');

    ask('/kept/good/a');
    ($status, $head, $body) = ask('/kept/stale/sms5');

    is($status, 200, 'by default nginx sends it once more');
    is(ask('/calls/sms5'), 2, 'so that the vendor got it twice');
    is(warnings_of('kept'), 1, 'which is a warning');
}

$nginx->stop;
$upstream->stop;

done_testing();
