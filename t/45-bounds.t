# What an upstream can make one response cost, beside its window: memory and
# lines in the error log.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();
use TelephonyUpstream;

use Test::More;

# PCRE2 gives up on this text, whatever the template of the rows below

my $hard = 'aa' . 'abcd' x 1000 . '!z';

my %bodies = (
    '/small' => '{"items":[{"code":"x"}]}',
    '/one_text' => qq({"text":"$hard","items":[)
                   . join(',', ('{"code":"x"}') x 4000) . ']}',
    '/many_texts' => '{"items":[' . join(',', map {
                         qq({"code":"x","text":"aa$_) . 'abcd' x 100 . '!z"}'
                     } 1 .. 300) . ']}',
);

my $upstream = TelephonyUpstream->start($ENV{TEST_NGINX_UPSTREAM_PORT}, sub {
    my ($request) = @_;

    return { body => $bodies{ $request->{path} } };
});

my $nginx = TelephonyTest::start_nginx(<<'END');
master_process off;

events {
}

http {
    include $TEST_NGINX_CATALOGS/codes.conf;

    telephony_catalog acme {
        code     items[].code;
        message  items[].text text;
        error    x  "message=a{a}b{b}c{c}d{d}z"    ALREADY_EXISTS;
        error    x  "message=aa{a}b{b}c{c}dd{d}z"  ALREADY_EXISTS;
        error    x  "message=aa{a}b{b}cc{c}dd{d}z" ALREADY_EXISTS;
        error    x  NOT_FOUND;
    }

    access_log off;

    server {
        listen 127.0.0.1:$TEST_NGINX_SERVER_PORT;

        location / {
            telephony_errors acme;
            telephony_errors_window 1m;
            proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
        }
    }
}
END

like(ask('/small'), qr/"code":"NOT_FOUND"/, 'an element is judged');

my $before = peak();

like(ask($_), qr/"status":\d+.*"name":"acme".*"code":"x"/,
     "$_: the first of many elements is judged")
    for ('/one_text', '/many_texts') x 3;

cmp_ok(peak() - $before, '<', 16 * 1024,
       'many elements with one long text do not cost a text each');

$nginx->stop;
$upstream->stop;

my @lines = $nginx->error_log =~ /(PCRE2 gave up.*)/g;

cmp_ok(@lines, '>', 0, 'that PCRE2 gives up is said');
cmp_ok(@lines, '<=', 3, 'and once a template, whatever an upstream sends');

unlike($nginx->error_log, qr/\[(?:alert|crit|emerg)\]/,
       'the error log is free of alerts');

done_testing();


sub ask {
    my ($path) = @_;

    my (undef, undef, $body) = TelephonyTest::http(
        $ENV{TEST_NGINX_SERVER_PORT},
        "GET $path HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

    return $body;
}

# kilobytes of memory that the worker has had at the most

sub peak {
    open my $in, '<', '/proc/' . $nginx->pid . '/status' or return 0;

    my ($size) = join('', <$in>) =~ /^VmHWM:\s+(\d+)/m;

    return $size;
}
