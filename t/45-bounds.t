# What an upstream can make one response cost, beside its window: memory and
# lines in the error log.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();
use TelephonyUpstream;

use Test::More;

# others would backtrack on this text, whatever the template of the rows below

my $hard = 'aa' . 'abcd' x 1000 . '!z';

my %bodies = (
    '/small' => '{"items":[{"code":"x"}]}',
    '/one_text' => qq({"text":"$hard","items":[)
                   . join(',', ('{"code":"x"}') x 4000) . ']}',
    '/many_texts' => '{"items":[' . join(',', map {
                         qq({"code":"x","text":"aa$_) . 'abcd' x 100 . '!z"}'
                     } 1 .. 300) . ']}',
    '/in_turn' => qq({"text":"$hard","items":[)
                  . join(',', ('{"code":"x"}', '{"code":"x","text":"b"}')
                              x 2000) . ']}',
    '/blanks' => '{"text":"' . ' ' x 250_000 . 'q' x 4000 . '","items":['
                 . join(',', ('{"code":"x"}', '{"code":"x","text":"b"}')
                             x 2000) . ']}',
    '/growing' => '{"items":[' . join(',', map {
                      '{"code":"x","text":"' . 'a' x $_ . '"}'
                  } 1 .. 1200) . ']}',
    '/good' => '{"items":[' . join(',', ('{"code":"y","text":"ok"}') x 4000)
               . ']}',
    '/good_but_one' => '{"items":['
                       . join(',', ('{"code":"y","text":"ok"}') x 3999)
                       . ',{"code":"y","text":"problem number 19"}]}',
);

my $upstream = TelephonyUpstream->start($ENV{TEST_NGINX_UPSTREAM_PORT}, sub {
    my ($request) = @_;

    return { body => $bodies{ $request->{path} } };
});

my $problems = join '', map {
    qq(        error y "message=*problem number $_*" INTERNAL;\n)
} 1 .. 20;

my $nginx = TelephonyTest::start_nginx(<<"END");
master_process off;

events {
}

http {
    include \$TEST_NGINX_CATALOGS/codes.conf;

    telephony_catalog acme {
        code     items[].code;
        message  items[].text text;
        error    x  "message=a{a}b{b}c{c}d{d}z"    ALREADY_EXISTS;
        error    x  "message=aa{a}b{b}c{c}dd{d}z"  ALREADY_EXISTS;
        error    x  "message=aa{a}b{b}cc{c}dd{d}z" ALREADY_EXISTS;
        error    x  NOT_FOUND;
        success  y  "message=*ok*";
        $problems
    }

    access_log off;

    server {
        listen 127.0.0.1:\$TEST_NGINX_SERVER_PORT;

        location / {
            telephony_errors acme;
            telephony_errors_window 1m;
            add_header X-Verdict \$telephony_verdict always;
            proxy_pass http://127.0.0.1:\$TEST_NGINX_UPSTREAM_PORT;
        }
    }
}
END

like(ask('/small'), qr/"code":"NOT_FOUND"/, 'an element is judged');

my $before = peak();

like(ask($_), qr/"status":\d+.*"name":"acme".*"code":"x"/,
     "$_: the first of many elements is judged")
    for ('/one_text', '/many_texts', '/in_turn', '/blanks', '/growing')
        x 3;

SKIP: {
    skip 'sanitizers and valgrind have allocators of their own', 1
        if ($ENV{TEST_NGINX_BINARY} // '') =~ /asan/
           || $ENV{TEST_NGINX_USE_VALGRIND};

    cmp_ok(peak() - $before, '<', 8 * 1024,
           'many elements do not cost a text each, whosever it is');
}

is(ask('/good'), $bodies{'/good'},
   'thousands of good elements are good, however many templates are tried');
like(head('/good'), qr/X-Verdict: success/, '... a success');
like(head('/good_but_one'), qr/Telephony-Code: PARTIAL_FAILURE/,
     '... and the last of them is judged, too');

$nginx->stop;
$upstream->stop;

unlike($nginx->error_log, qr/\[(?:alert|crit|emerg)\]/,
       'the error log is free of alerts');

done_testing();


sub ask {
    return answer(@_)->[2];
}

sub head {
    return answer(@_)->[1];
}

sub answer {
    my ($path) = @_;

    my @answer = TelephonyTest::http(
        $ENV{TEST_NGINX_SERVER_PORT},
        "GET $path HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

    return \@answer;
}

# kilobytes of memory that the worker has had at the most

sub peak {
    open my $in, '<', '/proc/' . $nginx->pid . '/status' or return 0;

    my ($size) = join('', <$in>) =~ /^VmHWM:\s+(\d+)/m;

    return $size;
}
