# telephony_errors_intercept: an error goes to this location's error_page, and
# what stands there asks again: never two answers, never a call repeated that may
# have acted.  See TelephonyWire; every case says which calls the vendors got.

use strict;
use warnings;

use lib 't/lib';
use TelephonyCurl;
use TelephonyTest ();
use TelephonyUpstream;
use TelephonyWire;

use Compress::Zlib ();
use Digest::MD5 qw(md5_hex);
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep);

my $root = "$ENV{TEST_NGINX_SERVROOT}-own";

# Every unified code, by itself.

my %codes = unified_codes();

my $rows = join '', map { "    error c_$_ $_;\n" } sort keys %codes;
my $statuses = join ' ', sort keys %{ { map { $_->{status} => 1 }
                                        values %codes } };

http_block(<<"END");
    telephony_catalog vendor {
        code       status;
        success    ok;
    $rows
        notice     none    NO_RESULTS;
        notice     busy    DESTINATION_BUSY;
        error      funds   INSUFFICIENT_FUNDS  "No money";
        error      auth    UNAUTHENTICATED;
        error      down    PROVIDER_UNAVAILABLE;
        error      broken  INTERNAL;
        error      late    PROVIDER_TIMEOUT;
        error      wrong   INVALID_PARAMETER;
        challenge  'Key realm="vendor"';
    }

    telephony_catalog never {
        code       status;
        success    ok;
        error      funds   INSUFFICIENT_FUNDS;
        error      down    PROVIDER_UNAVAILABLE;
        repeatable never;
    }

    proxy_cache_path $root/cache keys_zone=c:1m;
    proxy_cache_key \$uri\$http_x_case;

    log_format said '\$http_x_case \$status \$telephony_verdict '
                    '\$telephony_code "\$telephony_intercepted" '
                    '\$upstream_status';
    access_log $root/logs/said.log said;

    add_header X-Intercepted \$telephony_intercepted always;
    add_header X-Code \$telephony_code always;
    add_header X-Cache \$upstream_cache_status always;
    add_header X-Connection \$upstream_http_x_connection always;
    add_header X-Tls \$upstream_http_x_tls always;

    proxy_set_header X-Place first;
    proxy_set_header Connection "";
    client_body_buffer_size 8k;

    telephony_errors_zone counters 256k;

END

# where an error goes; what it answers is told by X-Place

for my $name (qw(second third)) {
    server(<<"END");
        location \@$name\_{side} {
            telephony_errors vendor;
            proxy_set_header X-Place $name;
            proxy_set_header X-First \$telephony_code;
            proxy_set_header Connection "";
            proxy_pass http://vendor;
        }
END
}

server(<<"END");
    location \@chain_{side} {
        telephony_errors vendor;
        telephony_errors_intercept all;
        recursive_error_pages on;
        error_page 402 503 = \@third_{side};
        proxy_set_header X-Place second;
        proxy_set_header Connection "";
        proxy_pass http://vendor;
    }

    location \@gone_{side} {
        telephony_errors vendor;
        proxy_pass http://127.0.0.1:\$TEST_NGINX_DEAD_PORT;
    }

    location \@off_{side} {
        proxy_set_header X-Place second;
        proxy_set_header Connection "";
        proxy_pass http://vendor;
    }

    location \@loop_{side} {
        telephony_errors vendor;
        telephony_errors_intercept all;
        recursive_error_pages on;
        error_page 402 = \@loop_{side};
        proxy_set_header X-Place loop;
        proxy_set_header Connection "";
        proxy_pass http://vendor;
    }

    location \@cached_{side} {
        telephony_errors vendor;
        proxy_cache c;
        proxy_cache_key second\$http_x_case;
        proxy_cache_valid any 1h;
        proxy_set_header X-Place second;
        proxy_set_header Connection "";
        proxy_pass http://vendor;
    }

    location = /page_{side} {
        internal;
        return 200 "a page";
    }

    location = /again_{side} {
        internal;
        telephony_errors vendor;
        proxy_set_header X-Place second;
        proxy_set_header Connection "";
        proxy_pass http://vendor;
    }

    location = /file_{side} {
        internal;
        alias $root/nginx.conf;
    }
END

server("location = /metrics { telephony_errors_metrics; }\n");



my $all = 'telephony_errors_intercept all;
           error_page 400 401 402 403 404 405 409 413 422 429 500 501 502 503
                      504 = @second_{side};';

my %settings = (
    plain => $all,
    unbuffered => "$all proxy_buffering off;",
    small => "$all proxy_buffer_size 1k; proxy_buffers 2 1k;
              proxy_busy_buffers_size 1k; proxy_max_temp_file_size 0;",
    threads => "$all aio threads; aio_write on; sendfile off;",
    ssi => "$all ssi on; ssi_types *;",
    limited => "$all limit_rate 100k;",
);

setting($_ => $settings{$_}, provider => 'vendor') for sort keys %settings;

sub place { setting($_[0], $_[1], provider => 'vendor', @_[2 .. $#_]) }

my $page = 'error_page 402 503 = @second_{side};';

place(never => "$all", provider => 'never');
place(never_anyway => "telephony_errors_intercept all non_idempotent; $page",
      provider => 'never');
place(anyway => "telephony_errors_intercept PROVIDER_UNAVAILABLE non_idempotent;
                 telephony_errors_intercept PROVIDER_TIMEOUT;
                 error_page 503 504 = \@second_{side};");
place(named => "telephony_errors_intercept INTERNAL PROVIDER_UNAVAILABLE;
                error_page 500 503 = \@second_{side};");
place(funds => "telephony_errors_intercept INSUFFICIENT_FUNDS;
                error_page 402 = \@second_{side};
                error_page 503 = \@second_{side};");
place(no_page => 'telephony_errors_intercept all;
                  error_page 404 = @second_{side};');
place(nowhere => 'telephony_errors_intercept all;
                  error_page 402 = @nowhere_{side};');
place(anywhere => 'telephony_errors_intercept all;
                   error_page 402 = $http_x_where;');
place(off => "telephony_errors_intercept off; $page");
place(override => "$all telephony_errors_override INSUFFICIENT_FUNDS 429;
                   telephony_errors_override INVALID_PARAMETER 408;
                   telephony_errors_override NO_RESULTS 404;
                   telephony_errors_override DESTINATION_BUSY 503;
                   error_page 408 = \@second_{side};");
place(kept => "telephony_errors_intercept all;
               error_page 444 495 496 497 408 = \@second_{side};
               telephony_errors_override INSUFFICIENT_FUNDS 495;
               telephony_errors_override INVALID_PARAMETER 444;
               telephony_errors_override UNAUTHENTICATED 497;");
place(observe => "$all telephony_errors_observe on;");
place(same_status => 'telephony_errors_intercept all;
                      error_page 402 @second_{side};');
place(page => 'telephony_errors_intercept all;
               error_page 401 402 /page_{side};
               error_page 503 =200 /page_{side};');
place(ranges => 'telephony_errors_intercept all; proxy_force_ranges on;
                 error_page 503 =200 /page_{side};');
place(file => 'telephony_errors_intercept all; error_page 402 = /file_{side};');
place(uri => 'telephony_errors_intercept all; error_page 402 = /again_{side};');
place(elsewhere => 'telephony_errors_intercept all;
                    error_page 402 https://example.com/sorry;');
place(chain => 'telephony_errors_intercept all; recursive_error_pages on;
                error_page 402 503 = @chain_{side};');
place(not_recursive => 'telephony_errors_intercept all;
                        error_page 402 = @chain_{side};');
place(gone => 'telephony_errors_intercept all;
               error_page 402 = @gone_{side};');
place(unjudged => 'telephony_errors_intercept all;
                   error_page 401 402 = @off_{side};');
place(loop => 'telephony_errors_intercept all; recursive_error_pages on;
               error_page 402 = @loop_{side};');
place(streamed => "$all proxy_request_buffering off;");
place(cache => "$all proxy_cache c; proxy_cache_valid any 1h;");
place(locked => "$all proxy_cache c; proxy_cache_valid any 1h;
                 proxy_cache_lock on;");
place(cached => 'telephony_errors_intercept all;
                 error_page 402 = @cached_{side};');
place(stale => "$all proxy_cache c; proxy_cache_use_stale updating;
                proxy_cache_background_update on;");
place(window => "$all telephony_errors_window 1k;");
place(silent => "$all proxy_read_timeout 300ms;");
place(dead => "$all {pass}", upstream => "127.0.0.1:$ENV{TEST_NGINX_DEAD_PORT}");

my @modes = sort keys %settings;


# Each case: what the first vendor says and the others, and the calls they get.

my $ok = '{"status":"ok","from":"second"}';
my $funds = '{"status":"funds"}';
my $down = '{"status":"down"}';

sub intercept {
    my ($title, %case) = @_;

    my $calls = delete $case{calls};
    my $says = delete $case{says} // {};
    my $first = delete $case{first} // { body => $funds };
    my $times = $case{times} // 1;
    my $any = delete $case{any_calls};
    my $seen = 0;
    my $id;

    my $check = sub {
        return if ++$seen % $times;

        my @got = calls_of($id);
        my @want = (@$calls) x ($case{asked_once} ? 1 : $times);

        return "@got" eq "@want" || $any ? ()
               : 'the vendors got: ' . join(', ', @got);
    };

    push @{ $case{headers} }, @{ delete $case{more} // [] };

    wire($title, %case, check => [ $check, @{ $case{check} // [] } ],
         answer => sub {
             my ($request) = @_;

             my $place = $request->{headers}{'x-place'} // 'none';

             note_call($request, told($request, $place));
             $id //= $request->{headers}{'x-case'};

             my $answer = $place eq 'first' ? $first : $says->{$place};

             $answer = $answer->($request) if ref $answer eq 'CODE';
             return $answer // { body => $ok };
         });

    $id = $TelephonyWire::cases[-1]{id};
}

# in the process of the vendor

sub told {
    my ($request, $place) = @_;

    return $place . ($request->{method} eq 'GET' ? '' : "/$request->{method}")
           . (length $request->{body} ? ':' . md5_hex($request->{body}) : '');
}

my %second = (status => 200, body => $ok, verdict => 'success',
              like => qr/^X-Intercepted: vendor:INSUFFICIENT_FUNDS\r?$/m,
              calls => [qw(first second)]);

my %kept = (status => 402, code => 'INSUFFICIENT_FUNDS',
            unlike => qr/^X-Intercepted/m, calls => ['first']);


# 1. every code, and every category

for my $code (sort keys %codes) {
    intercept("$code goes to the error_page",
              first => { body => "{\"status\":\"c_$code\"}" }, %second,
              like => qr/^X-Intercepted: vendor:$code\r?$/m);
}

my %categories = map { $_->{category} => 1 } values %codes;

for my $category (sort keys %categories) {
    place("only_$category",
          "telephony_errors_intercept $category;
           error_page $statuses = \@second_{side};");

    for my $code (sort keys %codes) {
        my $in = $codes{$category} ? $code eq $category
                                   : $codes{$code}{category} eq $category;

        intercept("$category: $code " . ($in ? 'goes' : 'does not'),
                  at => "only_$category",
                  first => { body => "{\"status\":\"c_$code\"}" },
                  $in ? (%second, like => qr/^X-Intercepted: vendor:$code\r?$/m)
                      : (%kept, status => $codes{$code}{status},
                         code => $code));
    }
}


# 2. the first answer in every form

my $list = join ',', map { $_ * 7919 } 1 .. 4000;
my $padded = "{\"list\":[$list],\"status\":\"funds\"}";
my $early = "{\"status\":\"funds\",\"list\":[$list]}";

for my $framing (qw(length chunked close)) {
    my %as = (framing => $framing);

    intercept("an error in 200, $framing", at => \@modes, times => 3, %second,
              first => { body => $funds, %as });
    intercept("an error status, $framing", at => \@modes, times => 3, %second,
              first => { status => 402, body => $funds, %as });
    intercept("an error status without JSON, $framing", at => \@modes,
              first => { status => 503, body => '<html>' . 'x' x 30_000, %as },
              %second, like => qr/^X-Intercepted: vendor:PROVIDER_UNAVAILABLE/m);
    intercept("its code is behind the window, $framing", at => 'window',
              first => { status => 402, body => $padded, %as }, %second);
    intercept("it goes on behind its code, $framing", at => \@modes, %second,
              first => { body => $early, %as });
    intercept("nobody waits for what stands behind its code, $framing",
              at => [ grep { $_ ne 'limited' } @modes ], %second,
              first => { body => $early, cut => 15_000, then => 'stall', %as });
    intercept("it comes byte by byte, $framing", at => \@modes, %second,
              first => { body => $funds, split => 1, gap => 0, %as });
    intercept("it is compressed, $framing", at => \@modes, %second,
              first => { body => $funds, gzip => 1, %as });
    intercept("it is compressed, 2 MB of it, $framing", at => \@modes, %second,
              first => { status => 402, gzip => 1, %as,
                         body => '{"status":"funds","x":"' . 'y' x 2e6 . '"}' });
    intercept("its coding cannot be read, $framing", at => \@modes, %second,
              first => { status => 402, body => 'x' x 3000, %as,
                         headers => ['Content-Encoding: unknown'] });
    intercept("it is empty, $framing", at => \@modes, %second,
              first => { status => 402, body => '', %as });

    intercept("it dies before its code, $framing", at => \@modes,
              first => { body => $padded, cut => 2000, %as },
              $framing eq 'close'
              ? (status => 200, verdict => 'none', calls => ['first'])
              : (%second,
                 like => qr/^X-Intercepted: vendor:PROVIDER_UNAVAILABLE/m));
    intercept("it dies behind its code, $framing", at => \@modes, times => 2,
              first => { body => $early, cut => 3000, %as }, %second);
    intercept("it is reset behind its header, $framing", at => \@modes,
              first => { body => $padded, cut => 10, then => 'reset', %as },
              %second,
              like => qr/^X-Intercepted: vendor:PROVIDER_UNAVAILABLE/m);
}

intercept('no status line', first => { raw => "nonsense\r\n\r\n" }, %second,
          at => [ 'plain', 'unbuffered' ],
          like => qr/^X-Intercepted: vendor:BAD_PROVIDER_RESPONSE/m);
intercept('it is silent in the middle', at => 'silent',
          first => { body => $padded, cut => 300, then => 'stall' }, %second,
          like => qr/^X-Intercepted: vendor:PROVIDER_UNAVAILABLE/m);
intercept('HEAD', at => \@modes, method => 'HEAD', times => 3,
          first => { status => 402 }, %second, body => '', verdict => 'success',
          says => { second => { body => $ok } },
          calls => [qw(first/HEAD second/HEAD)], verdict => 'none');

# nginx's own errors go by nginx's own rules

intercept('a vendor that is not there', at => 'dead', status => 200,
          body => $ok, unlike => qr/^X-Intercepted/m, calls => ['second']);
intercept('a vendor that says nothing', at => 'silent', status => 200,
          first => { delay => 100 }, body => $ok,
          unlike => qr/^X-Intercepted/m, calls => [qw(first second)]);


# 3. bodies of requests

for my $size (10, 8_000, 50_000, 300_000, 1_000_000) {
    my $body = join '', map { chr(32 + ($_ * 7919) % 90) } 1 .. $size;
    my $md5 = md5_hex($body);

    my %post = (method => 'POST', body_sent => $body, times => 2,
                calls => [ "first/POST:$md5", "second/POST:$md5" ]);

    for my $framing (qw(length chunked close)) {
        intercept("POST of $size bytes, $framing", at => \@modes,
                  first => { body => $funds, framing => $framing }, %second,
                  %post);
    }

    intercept("POST of $size bytes, the first dies", at => \@modes,
              first => { body => $early, cut => 9000 }, %second, %post);
    intercept("POST of $size bytes, judged by the header", at => \@modes,
              first => { status => 402, body => 'x' x 9000,
                         headers => ['Content-Encoding: unknown'] },
              %second, %post);
    intercept("POST of $size bytes to a URI becomes a GET", at => 'uri',
              %second, %post, calls => [ "first/POST:$md5", "second:$md5" ]);

    # what came with the header is kept by nginx all the same

    intercept("POST of $size bytes that was not kept: the envelope",
              at => 'streamed', %kept, %post, calls => [ "first/POST:$md5" ])
        if $size > 8_000;
}

intercept('GET, where bodies are not kept', at => 'streamed', %second);


# 4. never a call repeated that may have acted

my %post = (method => 'POST', body_sent => 'to=1');
my $md5 = md5_hex('to=1');
my @twice = ("first/POST:$md5", "second/POST:$md5");
my @once = ("first/POST:$md5");

for my $case ([ 'down', 503, 'PROVIDER_UNAVAILABLE' ],
              [ 'broken', 500, 'INTERNAL' ],
              [ 'never heard of', 502, 'UNKNOWN' ])
{
    my ($word, $status, $code) = @$case;
    my $first = { body => "{\"status\":\"$word\"}" };

    intercept("$code: a GET is given up", at => \@modes, first => $first,
              %second, like => qr/^X-Intercepted: vendor:$code/m);
    intercept("$code: a POST is not", at => \@modes, first => $first,
              %kept, status => $status, code => $code, %post, calls => \@once);
}

intercept('safe: a GET of a provider that never repeats', at => 'never',
          first => { body => $down }, %kept, status => 503,
          code => 'PROVIDER_UNAVAILABLE');
intercept('no money: what never repeats is given up', at => 'never',
          %second, like => qr/^X-Intercepted: never:INSUFFICIENT_FUNDS/m);
intercept('non_idempotent: so is what is safe', at => 'never_anyway',
          first => { body => $down }, %second,
          like => qr/^X-Intercepted: never:PROVIDER_UNAVAILABLE/m);
intercept('non_idempotent is for the codes of its line', at => 'anyway',
          first => { body => $down }, %second, %post, calls => \@twice,
          like => qr/^X-Intercepted: vendor:PROVIDER_UNAVAILABLE/m);
intercept('and for no other line', at => 'anyway', %kept, %post,
          first => { body => '{"status":"late"}' }, calls => \@once,
          status => 504, code => 'PROVIDER_TIMEOUT');
intercept('INTERNAL that is named is the operator\'s word', at => 'named',
          first => { body => '{"status":"broken"}' }, %second, %post,
          calls => \@twice, like => qr/^X-Intercepted: vendor:INTERNAL/m);
intercept('a code that is safe is not, though it is named', at => 'named',
          first => { body => $down }, %kept, %post, calls => \@once,
          status => 503, code => 'PROVIDER_UNAVAILABLE');
intercept('a POST that died may have acted', at => \@modes, %kept, %post,
          first => { body => $padded, cut => 2000 }, calls => \@once,
          status => 503, code => 'PROVIDER_UNAVAILABLE');

for my $case ([ 'none', 404, 'NO_RESULTS' ], [ 'busy', 503, 'DESTINATION_BUSY' ])
{
    my ($word, $status, $code) = @$case;
    my $first = { body => "{\"status\":\"$word\"}" };

    intercept("a notice with a status, $code: a GET is given up",
              at => 'override', first => $first, %second,
              like => qr/^X-Intercepted: vendor:$code/m);
    intercept("a notice with a status, $code: a POST has acted",
              at => 'override', first => $first, %kept, %post, calls => \@once,
              status => $status, code => $code);
}

intercept('what is worth a retry has not acted: a POST is given up',
          first => { body => '{"status":"c_RATE_LIMITED"}' }, %second, %post,
          calls => \@twice, like => qr/^X-Intercepted: vendor:RATE_LIMITED/m);
intercept('a notice stays what it is', status => 200, notice => 'NO_RESULTS',
          body => '{"status":"none"}', first => { body => '{"status":"none"}' },
          calls => ['first']);
intercept('a success stays what it is', at => \@modes, status => 200,
          body => '{"status":"ok"}', first => { body => '{"status":"ok"}' },
          unlike => qr/^X-Intercepted/m, calls => ['first']);
intercept('what has no verdict stays what it is', at => \@modes, status => 200,
          body => 'hello', first => { body => 'hello' }, calls => ['first']);


# 5. where it does not act, the envelope goes out as ever

intercept("the envelope: $_", at => $_, %kept) for qw(no_page off);
intercept('the envelope: there is no such named location', at => 'nowhere',
          %kept);
intercept('the envelope: the error_page is empty', at => 'anywhere', %kept);
intercept('the envelope: there is no location of the name that came',
          at => 'anywhere', %kept, headers => [ 'X-Where: @nowhere' ]);
intercept('a named location whose name came', at => 'anywhere', %second,
          headers => [ 'X-Where: @second_on' ]);
intercept('the envelope: another code is meant', at => 'funds', %kept,
          first => { body => $down }, status => 503,
          code => 'PROVIDER_UNAVAILABLE');
intercept('observing: nothing', at => 'observe', status => 200, body => $funds,
          notice => 'INSUFFICIENT_FUNDS', calls => ['first'],
          unlike => qr/^X-Intercepted/m);
intercept('the status of an override counts', at => 'override', %second);

for my $case ([ 'kept', 'funds', 495, 'INSUFFICIENT_FUNDS' ],
              [ 'kept', 'wrong', 444, 'INVALID_PARAMETER' ],
              [ 'kept', 'auth', 497, 'UNAUTHENTICATED' ],
              [ 'override', 'wrong', 408, 'INVALID_PARAMETER' ])
{
    my ($at, $word, $status, $code) = @$case;

    intercept("the envelope: $status is nginx's own", at => $at, %kept,
              status => $status, code => $code,
              first => { body => "{\"status\":\"$word\"}" });
}


# 6. what the client gets

intercept('without "=" the first status stands over the second answer',
          at => 'same_status', %second, status => 402);
intercept('a page', at => 'page', status => 402, body => 'a page',
          like => qr/^X-Intercepted: vendor:INSUFFICIENT_FUNDS/m,
          calls => ['first'], times => 3);
intercept('a page with a status', at => 'page', status => 200,
          first => { body => $down }, body => 'a page', calls => ['first']);
intercept('a file', at => 'file', status => 200, calls => ['first'],
          check => [ sub { $_[0]{body} =~ /^events/m ? () : 'no file' } ]);
intercept('a redirect', at => 'elsewhere', status => 302, calls => ['first'],
          like => qr{^Location: https://example\.com/sorry\r?$}m);
intercept('nothing of the first answer is left', at => \@modes, %second,
          first => { status => 402, body => $funds,
                     headers => [ 'X-Vendor: first', 'Set-Cookie: a=b',
                                  'Retry-After: 7', 'ETag: "x"',
                                  'Content-Language: pt',
                                  'Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT',
                                  'Cache-Control: max-age=9', 'Location: /x',
                                  'WWW-Authenticate: Basic' ] },
          unlike => qr/^(?:X-Vendor|Set-Cookie|Retry|ETag|Content-Lang|Last
                         |Cache|Location|WWW|Telephony-)/mx);

my @challenges = (status => 401, headers => [ 'WWW-Authenticate: Basic realm="v"',
                                              'WWW-Authenticate: Digest x' ]);

intercept('a page for 401 has the vendor\'s challenges', at => 'page',
          first => { body => '{"status":"auth"}', @challenges }, status => 401,
          body => 'a page', calls => ['first'],
          like => [ qr/^WWW-Authenticate: Basic realm="v"\r?$/m,
                    qr/^WWW-Authenticate: Digest x\r?$/m ]);
intercept('a page for 401 has the catalog\'s challenge', at => 'page',
          first => { body => '{"status":"auth"}' }, status => 401,
          body => 'a page', calls => ['first'],
          like => qr/^WWW-Authenticate: Key realm="vendor"\r?$/m);
intercept('another vendor\'s answer has no challenge of the first',
          at => [ 'plain', 'unjudged' ],
          first => { body => '{"status":"auth"}', @challenges }, status => 200,
          body => $ok, unlike => qr/^WWW/m, calls => [qw(first second)]);
intercept('another vendor\'s own challenge stays', at => [ 'unjudged' ],
          first => { body => '{"status":"auth"}', @challenges }, status => 401,
          says => { second => { status => 401, body => 'x', headers =>
                                [ 'WWW-Authenticate: Basic realm="2"' ] } },
          like => qr/^WWW-Authenticate: Basic realm="2"\r?$/m,
          unlike => qr/^WWW-Authenticate: (?:Digest|Basic realm="v")/m,
          calls => [qw(first second)]);
intercept('a vendor that is not judged', at => 'unjudged', status => 200,
          body => $funds, says => { second => { body => $funds } },
          unlike => qr/^Telephony-/m, calls => [qw(first second)]);
intercept('Range', at => \@modes, %second, headers => ['Range: bytes=0-3'],
          first => { body => $funds, headers => ['Accept-Ranges: bytes'] });
intercept('Range, of the second answer', at => \@modes, %second,
          headers => ['Range: bytes=0-3'],
          says => { second => { body => $ok,
                                headers => ['Accept-Ranges: bytes'] } });
intercept('Range, of a page', at => 'ranges', status => 200, body => 'a page',
          headers => ['Range: bytes=0-1'], calls => ['first'],
          first => { status => 503, body => 'x' x 100,
                     headers => ['Content-Encoding: unknown'] });
intercept('a large second answer', at => [ grep { $_ ne 'limited' } @modes ],
          %second, body => '{"status":"ok","x":"' . 'z' x 3e6 . '"}',
          says => { second => { framing => 'chunked', split => 65_536, body =>
                                '{"status":"ok","x":"' . 'z' x 3e6 . '"}' } });


# 7. both fail, and three in a row

my %both = (status => 503, code => 'PROVIDER_UNAVAILABLE',
            like => [ qr/^X-Intercepted: vendor:INSUFFICIENT_FUNDS\r?$/m,
                      qr/^X-Code: PROVIDER_UNAVAILABLE/m ],
            unlike => qr/^X-Vendor/m);

intercept('both fail: the envelope of the second', at => \@modes, times => 3,
          first => { body => $funds, headers => ['X-Vendor: first'] },
          says => { second => { body => $down } }, %both,
          calls => [qw(first second)]);
intercept('the second dies', at => \@modes, %both,
          says => { second => { body => $padded, cut => 2000 } },
          calls => [qw(first second)]);
intercept('the second is not there', at => 'gone', %both, calls => ['first']);
intercept('both have no money', at => \@modes, status => 402,
          code => 'INSUFFICIENT_FUNDS', calls => [qw(first second)],
          says => { second => { body => $funds } });

intercept('three in a row', at => 'chain', times => 3,
          says => { second => { body => $down } }, %second,
          like => qr/^X-Intercepted: vendor:INSUFFICIENT_FUNDS, vendor:PROVIDER_UNAVAILABLE\r?$/m,
          calls => [qw(first second third)]);
intercept('three fail', at => 'chain', times => 2,
          says => { second => { body => $down }, third => { body => $funds } },
          status => 402, code => 'INSUFFICIENT_FUNDS',
          like => qr/^X-Intercepted: vendor:INSUFFICIENT_FUNDS, vendor:PROVIDER_UNAVAILABLE\r?$/m,
          calls => [qw(first second third)]);
intercept('three POSTs', at => 'chain', %post, %second,
          says => { second => { body => $funds } },
          like => qr/^X-Intercepted: vendor:INSUFFICIENT_FUNDS, vendor:INSUFFICIENT_FUNDS\r?$/m,
          calls => [ map { "$_/POST:$md5" } qw(first second third) ]);
intercept('without recursive_error_pages there is one more call, not two',
          at => 'not_recursive', status => 503, code => 'PROVIDER_UNAVAILABLE',
          says => { second => { body => $down } },
          calls => [qw(first second)]);
intercept('a circle ends with an envelope', at => 'loop', times => 2,
          says => { loop => { body => $funds } }, status => 402,
          code => 'INSUFFICIENT_FUNDS', calls => [ 'first', ('loop') x 10 ]);


# 8. caches

intercept('an error in 200 is not cached, the second answer is not either',
          at => [ 'cache', 'locked' ], times => 3, %second);
intercept('an error status that is cached is given up at every hit',
          at => [ 'cache', 'locked' ], times => 3, %second, asked_once => 1,
          first => { status => 402, body => $funds },
          calls => [qw(first second second second)]);
intercept('the first comes from a cache, and the second dies',
          at => 'cache', times => 2, %both, asked_once => 1,
          first => { status => 402, body => $funds },
          says => { second => { body => $padded, cut => 2000 } },
          calls => [qw(first second second)]);
intercept('the second answer comes from its cache', at => 'cached',
          times => 3, %second, asked_once => 1,
          calls => [qw(first second first first)]);
intercept('HEAD of an error status that is cached', at => 'cache', times => 3,
          method => 'HEAD', first => { status => 402, body => $funds },
          status => 200, asked_once => 1, check => [],
          calls => [qw(first second/HEAD first second/HEAD first second/HEAD)]);
intercept('a vendor that cannot be read is not cached as an error of nginx',
          at => 'cache', times => 2, %second,
          first => { status => 504, body => 'x' x 3000,
                     headers => ['Content-Encoding: unknown'] },
          like => qr/^X-Intercepted: vendor:/m);

intercept('an old error from the cache, while nginx asks for a new one',
          at => 'stale', %second, calls => [], any_calls => 1, times => 5,
          first => { status => 402, body => $funds,
                     headers => ['X-Accel-Expires: 1'] },
          ask => sub {
              my ($case, $location) = @_;

              return map {
                  my $connection = connect_to();

                  sleep 0.6;
                  $connection->send_bytes(request_of($case, $location));
                  $connection->response('GET');
              } 1 .. 5;
          });


# 9. connections

sub same_connections {
    my ($times, $name) = @_;

    my ($turn, %seen) = (0);

    return sub {
        $seen{ $_[0]{headers}{$name} || 'no number' }++;

        return if ++$turn % $times;

        my @connections = keys %seen;

        %seen = ();

        return @connections < 3 && !(grep { /no/ } @connections) ? () : "connections: @connections";
    };
}

intercept('the client\'s connection and those of the vendors are kept',
          at => [ grep { $_ ne 'limited' } @modes ], times => 6, %second,
          first => { body => $funds, framing => 'chunked' },
          says => { second => { body => $ok, count => 1 } },
          check => [ same_connections(6, 'x-connection'), sub {
              return $_[0]{closing} ? 'the connection is closed' : ();
          } ]);
intercept('so is the client\'s when the first vendor dies', at => \@modes,
          times => 3, first => { body => $early, cut => 3000 }, %second,
          check => [ sub {
              return $_[0]{closing} ? 'the connection is closed' : ();
          } ]);
intercept('HTTP/1.0', at => \@modes, version => '1.0', %second);


# 10. HTTP/2

server("listen unix:$root/h2.sock http2;\n");

my $curl = by_curl(2, 'http://localhost', '--unix-socket', "$root/h2.sock");
my @h2 = (at => \@modes, ask => $curl);

for my $framing (qw(length chunked close)) {
    my %as = (framing => $framing);

    intercept("HTTP/2: an error in 200, $framing", @h2, %second,
              first => { body => $funds, %as });
    intercept("HTTP/2: an error status, $framing", @h2, %second,
              first => { status => 402, body => 'x' x 30_000, %as });
    intercept("HTTP/2: it goes on behind its code, $framing", @h2, %second,
              first => { body => $early, %as });
    intercept("HTTP/2: its coding cannot be read, $framing", @h2, %second,
              first => { status => 402, body => 'x' x 3000, %as,
                         headers => ['Content-Encoding: unknown'] });
}

intercept('HTTP/2: it dies', @h2, first => { body => $padded, cut => 2000 },
          %second, like => qr/^X-Intercepted: vendor:PROVIDER_UNAVAILABLE/m);

for my $size (10, 50_000, 300_000) {
    my $body = 'ab' x ($size / 2);

    intercept("HTTP/2: POST of $size bytes", @h2, %second,
              body_sent => $body, method => 'POST',
              calls => [ map { "$_/POST:" . md5_hex($body) } qw(first second) ]);
}

intercept('HTTP/2: both fail', @h2, %both, calls => [qw(first second)],
          says => { second => { body => $down } });


# 11. TLS to both vendors, on connections that are kept

my $key = "$ENV{TEST_NGINX_SERVROOT}-key.pem";

system("openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 2"
       . " -keyout $key -out $key.crt 2>/dev/null") == 0
    or BAIL_OUT('openssl makes no certificate');

http_block(<<"END");
    upstream tls {
        server unix:$root/tls.sock;
        keepalive 4;
    }

    server {
        listen unix:$root/tls.sock ssl;
        ssl_certificate $key.crt;
        ssl_certificate_key $key;
        ssl_session_cache shared:tls:1m;

        location / {
            add_header X-Tls \$connection always;
            proxy_set_header Connection "";
            proxy_pass http://vendor;
        }
    }
END

server(<<"END");
    location \@tls_{side} {
        telephony_errors vendor;
        proxy_set_header X-Place second;
        proxy_set_header Connection "";
        proxy_pass https://tls;
    }
END

for my $mode (['tls', ''], ['tls_unbuffered', 'proxy_buffering off;']) {
    place($mode->[0], "telephony_errors_intercept all; $mode->[1]
                       error_page 402 503 = \@tls_{side};
                       proxy_pass https://tls/;", own => 1);
}

for my $framing (qw(length chunked close)) {
    intercept("TLS: an error in 200, $framing", at => [qw(tls tls_unbuffered)],
              first => { body => $funds, framing => $framing }, times => 4,
              %second, check => [ same_connections(4, 'x-tls') ]);
    intercept("TLS: it goes on behind its code, $framing",
              at => [qw(tls tls_unbuffered)], times => 4, %second,
              first => { body => $early, framing => $framing });
}

intercept('TLS: POST', at => [qw(tls tls_unbuffered)], %second, %post,
          times => 4, calls => \@twice);


# 12. a client that goes away

sub leaves {
    my ($place, $more) = @_;

    return sub {
        my ($case, $location) = @_;

        my $connection = connect_to();

        $connection->send_bytes(request_of($case, $location));

        wait_for_call($case->{id}, qr/^$place/);

        close $connection->{fh};

        # the worker takes its events in turn

        return map {
            my $next = connect_to();

            $next->send_bytes(request_of($case, $location,
                                         headers => ['X-Next: 1']));
            $next->response('GET');
        } 1;
    };
}

my $stall = { body => $padded, cut => 100, then => 'stall' };

intercept('a client that leaves in the first answer: no second call',
          at => \@modes, ask => leaves('first'), %second,
          first => sub { $_[0]{headers}{'x-next'} ? { body => $funds }
                                                  : $stall },
          calls => [qw(first first second)]);
intercept('a client that leaves before the second answer', at => \@modes,
          ask => leaves('second'), %second,
          says => { second => sub { $_[0]{headers}{'x-next'} ? { body => $ok }
                                                             : $stall } },
          calls => [qw(first second first second)]);
intercept('a client that leaves behind an error that is cached', at => 'cache',
          ask => leaves('first'), status => 200, body => $ok,
          first => { status => 402, body => $padded, split => 500 },
          check => [], calls => [], any_calls => 1);


# 13. many at once, and a reload

intercept('many wait for one answer to be cached', at => 'locked', %second,
          ask => sub {
              my ($case, $location) = @_;

              my @connections = map { connect_to() } 1 .. 5;

              $_->send_bytes(request_of($case, $location)) for @connections;

              return map { $_->response('GET') } @connections;
          },
          first => { status => 402, body => $funds, delay => 0.2 },
          times => 5, asked_once => 1, calls => [ 'first', ('second') x 5 ]);

intercept('a reload between the answers', at => \@modes, %second,
          first => { body => $funds, delay => 0.5 },
          ask => sub {
              my ($case, $location) = @_;

              my $connection = connect_to();

              $connection->send_bytes(request_of($case, $location));
              wait_for_call($case->{id}, qr/^first/);
              kill 'HUP', $nginx->pid;

              return $connection->response('GET');
          });

run_wire(more => 0, before_end => \&afterwards);


# Codes that can be an error, by name: status and category.

sub unified_codes {
    open my $in, '<', "$ENV{TEST_NGINX_CATALOGS}/codes.conf" or die $!;

    return map { /^\s+([A-Z_]+)\s+(\d{3})\s+([A-Z_]+)\s+(?:no|yes|safe)\s/
                 ? ($1 => { status => $2, category => $3 }) : () } <$in>;
}

sub afterwards {
    my (undef, undef, $text) =
        TelephonyTest::http($ENV{TEST_NGINX_SERVER_PORT},
                            "GET /metrics HTTP/1.0\r\n\r\n");

    like($text, qr/^telephony_intercepted_total\{provider="vendor",code="INSUFFICIENT_FUNDS"\} [1-9]/m,
         'what was given up is counted');
    unlike($text, qr/intercepted_total\{provider="vendor",code="OK"/,
           'what was not is not');

    (undef, undef, $text) =
        TelephonyTest::http($ENV{TEST_NGINX_SERVER_PORT},
                            "GET /metrics?format=json HTTP/1.0\r\n\r\n");

    my ($vendors) = grep { $_->{name} eq 'vendor' }
                         @{ JSON::PP->new->decode($text)->{providers} };
    my %given;

    $given{"$_->{verdict} " . ($_->{code} // '')} = $_->{intercepted}
        for @{ $vendors->{codes} };

    my $sum = 0;

    $sum += $_ for values %given;

    cmp_ok($given{'error INSUFFICIENT_FUNDS'}, '>', 0, 'so in JSON');
    is($given{'success OK'}, 0, 'a success was not given up, in JSON');
    is($vendors->{intercepted}, $sum, 'the sum of a provider is right');

    (undef, undef, $text) =
        TelephonyTest::http($ENV{TEST_NGINX_SERVER_PORT},
                            "GET /metrics?format=html HTTP/1.0\r\n\r\n");

    like($text, qr/>Intercepted<.*INSUFFICIENT_<wbr>FUNDS/s, 'so on the page');

    open my $in, '<', "$root/logs/said.log";
    my @lines = <$in>;

    unlink $key, "$key.crt";

    ok((grep { /^\d+ 200 success OK "vendor:INSUFFICIENT_FUNDS" 200 : 200$/ }
             @lines), 'the log has both answers, and what was given up');
}
