# Every path that a response may take through nginx: caches, files, pages of
# errors, subrequests, other filters, other protocols.  See TelephonyWire.

use strict;
use warnings;

use lib 't/lib';
use TelephonyCurl;
use TelephonyTest ();
use TelephonyWire;

use Compress::Zlib ();
use IO::Socket::UNIX;
use POSIX ();
use Test::More;

my $success = '{"status":"success","did":[1,2,3]}';
my $error = '{"status":"non_sufficient_funds"}';
my $notice = '{"status":"no_sms"}';
my $html = '<html><body>{"status":"invalid_did"}</body></html>';
my $big = '{"status":"success","list":"' . 'x' x 3_000_000 . '"}';
my $big_late = '{"list":"' . 'x' x 3_000_000 . '","status":"invalid_did"}';
my $big_error = '{"status":"invalid_did","list":"' . 'x' x 3_000_000 . '"}';
my $modified = 'Last-Modified: Sat, 21 Nov 2026 10:00:00 GMT';

my $root = "$ENV{TEST_NGINX_SERVROOT}-own";

my %funds = (status => 402, code => 'INSUFFICIENT_FUNDS');
my %number = (status => 400, code => 'INVALID_PHONE_NUMBER');

http_block(<<"END");
    proxy_cache_path $root/cache keys_zone=c:1m;
    proxy_cache_key \$uri\$http_x_case;
    add_header X-Cache \$upstream_cache_status always;
    limit_req_zone \$uri zone=l:1m rate=1r/m;
    log_format status '\$http_x_case \$uri \$status \$telephony_verdict '
                      '\$telephony_code \$telephony_provider_status '
                      'observed:\$http_x_observe';
    access_log $root/logs/access.log status;
END


# the cache keeps the vendor's bytes, and every answer from it is judged; who
# observes fills it as nginx does, with errors in a 200, too

my $cache = 'proxy_cache c; proxy_cache_valid any 1h;
             telephony_errors_observe $http_x_observe;';
my $stale = "$cache proxy_cache_use_stale error timeout invalid_header
             http_500 http_503 updating;";

setting(plain => '');
setting(unbuffered => 'proxy_buffering off;');
setting(cache => $cache);
setting(cache_sendfile => "$cache sendfile on;");
setting(cache_aio => "$cache sendfile off; aio threads;
                      output_buffers 1 1k;");
setting(cache_sendfile_aio => "$cache sendfile on; aio threads;");
setting(cache_directio => "$cache directio 1; output_buffers 2 512;");
setting(cache_gunzip => "$cache gunzip on;");
setting(stale => $stale);
setting(revalidate => "$stale proxy_cache_revalidate on;");
setting(background => "$stale proxy_cache_background_update on;");
setting(cache_range => "$cache proxy_force_ranges on;");

my @caches = qw(cache cache_sendfile cache_aio cache_sendfile_aio
                cache_directio);

sub seen {
    my (@wanted) = @_;

    my $turn = 0;

    return sub {
        my ($answer) = @_;

        my $want = $wanted[$turn++ % @wanted];
        my $got = $answer->{headers}{'x-cache'} // '';

        return $got =~ /^(?:$want)$/ ? () : "cache: $got, not $want";
    };
}

# The first request, which only observes, fills the cache; what the others get.

sub filled {
    my ($case, $location) = @_;

    return (grep { $_ } map {
        my $connection = connect_to();
        my @observe = $_ ? () : ('X-Observe: on');

        $connection->send_bytes(request_of($case, $location,
                                           headers => [ "X-Turn: $_",
                                                        @observe ]));
        my $answer = $connection->response($case->{method} // 'GET');

        $_ ? $answer : undef;
    } 0 .. 2);
}

my @validators = ('ETag: "1"', $modified);

for my $framing (qw(length chunked close)) {
    my $stored = { framing => $framing, headers => \@validators };

    wire("cached: a success, $framing",
         at => \@caches, times => 3, same => 1, verdict => 'success',
         check => seen(qw(MISS HIT HIT)),
         answer => [ { %$stored, body => $success }, { body => $error } ]);

    wire("cached: an error is replaced at every hit, $framing",
         at => \@caches, ask => \&filled, %funds,
         check => seen(qw(HIT HIT)),
         answer => [ { %$stored, body => $error }, { body => $success } ]);

    wire("cached: an error status, $framing",
         at => \@caches, times => 3, status => 503,
         code => 'PROVIDER_UNAVAILABLE', check => seen(qw(MISS HIT HIT)),
         answer => [ { status => 503, %$stored, body => $html },
                     { body => $success } ]);

    wire("cached: a notice, $framing",
         at => \@caches, times => 3, status => 200, body => $notice,
         notice => 'NO_RESULTS', check => seen(qw(MISS HIT HIT)),
         end => 'any',
         answer => [ { %$stored, body => $notice }, { body => $error } ]);

    wire("cached: no JSON, $framing",
         at => \@caches, times => 3, same => 1, reason => 'not_json',
         answer => [ { %$stored, body => $html }, { body => $error } ]);

    wire("cached: a large success, $framing",
         at => \@caches, times => 2, same => 1, verdict => 'success',
         answer => [ { %$stored, body => $big }, { body => $error } ]);

    wire("cached: a large body with the code behind the window, $framing",
         at => \@caches, times => 2, same => 1, reason => 'window',
         answer => [ { %$stored, body => $big_late }, { body => $error } ]);

    wire("cached: a large error, $framing",
         at => \@caches, ask => \&filled, %number,
         check => seen(qw(HIT HIT)),
         answer => [ { %$stored, body => $big_error }, { body => $success } ]);
}

wire('cached: an empty body',
     at => \@caches, times => 2, same => 1, reason => 'empty',
     answer => { body => '', headers => \@validators });

wire('cached: a redirection',
     at => \@caches, times => 2, same => 1, verdict => '',
     answer => { status => 302, headers => [ 'Location: /x' ],
                 body => $error });

for my $ask ('If-None-Match: "1"', 'If-Modified-Since: Sat, 21 Nov 2026 '
             . '10:00:00 GMT', 'If-None-Match: "2"', 'If-Match: "2"',
             'If-Match: "1"',
             'If-Unmodified-Since: Sat, 21 Nov 2020 10:00:00 GMT')
{
    wire("cached: a success, asked with $ask",
         at => \@caches, times => 3, same => 1, headers => [ $ask ],
         answer => [ { headers => \@validators, body => $success },
                     { body => $error } ]);

    wire("cached: an error status, asked with $ask",
         at => \@caches, times => 3, headers => [ $ask ], status => 500,
         code => 'INTERNAL',
         answer => [ { status => 500, headers => \@validators, body => $html },
                     { body => $error } ]);
}

wire('cached: HEAD after GET, a success',
     at => \@caches, same => 1, end => 'any',
     ask => sub {
         my ($case, $location) = @_;

         my $connection = connect_to();

         return map {
             my %case = (%$case, method => $_);

             $connection->send_bytes(request_of(\%case, $location));
             $connection->response($_);
         } qw(GET HEAD GET HEAD);
     },
     answer => { body => $success, headers => \@validators });

wire('cached: HEAD first, then the error that its answer has filled in',
     at => 'cache', end => 'any',
     ask => sub {
         my ($case, $location) = @_;

         my $connection = connect_to();

         my @answers = map {
             my %case = (%$case, method => $_);

             $connection->send_bytes(request_of(\%case, $location));
             $connection->response($_);
         } qw(HEAD GET HEAD GET);

         my $got = join ' ', map { $_->{status} } @answers;

         return { %{ $answers[3] }, end => $got };
     },
     end => '200 402 200 402', code => 'INSUFFICIENT_FUNDS', status => 402,
     answer => { body => $error, headers => \@validators });


# ranges: a 206 whose header was delayed would have all of the body behind it,
# and the next answer on the connection would begin in its midst

for my $range ('bytes=0-3', 'bytes=-2', 'bytes=5-', 'bytes=0-1,4-5',
               'bytes=1000-')
{
    my @ranges = (@caches, 'cache_range');

    wire("cached: a success, asked with Range: $range",
         at => \@ranges, times => 3, headers => [ "Range: $range" ],
         status => 200, body => $success, verdict => 'success',
         unlike => qr/^Content-Range/mi,
         answer => [ { headers => \@validators, body => $success },
                     { body => $error } ]);

    wire("cached: a success, asked with Range: $range and If-Range",
         at => \@ranges, times => 3,
         headers => [ "Range: $range", 'If-Range: "1"' ],
         status => 200, body => $success, verdict => 'success',
         answer => [ { headers => \@validators, body => $success },
                     { body => $error } ]);

    wire("cached: an error, asked with Range: $range",
         at => \@ranges, ask => \&filled, headers => [ "Range: $range" ],
         %funds,
         answer => [ { headers => \@validators, body => $error },
                     { body => $success } ]);

    wire("cached: an error status that cannot be read, Range: $range",
         at => \@ranges, times => 3, headers => [ "Range: $range" ],
         status => 500, code => 'INTERNAL',
         answer => [ { status => 500, body => $html,
                       headers => [ 'Content-Encoding: unknown' ] },
                     { body => $success } ]);

    wire("cached: a success that cannot be read is cut by Range: $range",
         at => \@ranges, times => 3, headers => [ "Range: $range" ],
         same => 1, end => 'any',
         answer => { body => $success, headers => [
                         @validators, 'Content-Encoding: unknown' ] });

    wire("cached: HEAD with Range: $range",
         at => \@ranges, times => 3, headers => [ "Range: $range" ],
         method => 'HEAD', same => 1,
         answer => [ { headers => \@validators, body => $success },
                     { body => $error } ]);
}

wire("cached: without Range the answer says that it may be cut",
     at => \@caches, times => 2, same => 1,
     answer => { headers => \@validators, body => $success });


# stale answers and those that the vendor has confirmed

my @expired = (@validators, 'X-Accel-Expires: @1');

my $broken = "HTTP/1.1 200 OK\r\nA\0: b\r\n\r\n";

for my $second ({ status => 503, body => $html }, { raw => '' },
                { raw => $broken })
{
    my $what = $second->{status} // length $second->{raw};

    wire("stale: a success while the vendor fails ($what)",
         at => 'stale', times => 3, same => 1, verdict => 'success',
         check => seen(qw(MISS STALE STALE)),
         answer => [ { headers => \@expired, body => $success }, $second ]);

    wire("stale: an error while the vendor fails ($what)",
         at => 'stale', ask => \&filled, %funds,
         check => seen(qw(STALE STALE)),
         answer => [ { headers => \@expired, body => $error }, $second ]);
}

wire('revalidated: a success',
     at => 'revalidate', times => 3, same => 1, verdict => 'success',
     check => seen(qw(MISS REVALIDATED REVALIDATED)),
     answer => [ { headers => \@expired, body => $success },
                 { status => 304, headers => \@expired } ]);

wire('revalidated: an error keeps no validator of what it replaced',
     at => 'revalidate', ask => \&filled, %funds,
     check => seen(qw(REVALIDATED REVALIDATED)),
     answer => [ { headers => \@expired, body => $error },
                 { status => 304, headers => \@expired } ]);

wire('expired: what was a success is an error now',
     at => 'revalidate', ask => sub {
         my ($case, $location) = @_;

         my @answers = TelephonyWire::ask($case, $location, 2);

         $answers[1]{head} .= "\nfirst: $answers[0]{status}";
         return $answers[1];
     }, %funds, like => qr/^first: 200/m,
     answer => [ { headers => \@expired, body => $success },
                 { headers => \@expired, body => $error } ]);

wire('updated in the background: an error',
     at => 'background', ask => \&filled, %funds,
     check => seen('STALE', 'STALE|UPDATING'),
     answer => { headers => \@expired, body => $error });

wire('updated in the background: a success',
     at => 'background', times => 2, same => 1, check => seen(qw(MISS STALE)),
     answer => { headers => \@expired, body => $success });


# An error in a 2xx is neither cached nor stored: the next request asks the
# vendor again.  Threads read the file only after nginx has kept it.

my @decided = qw(cache cache_sendfile cache_directio cache_lock cache_window
                 cache_small cache_write);

setting(cache_lock => "$cache proxy_cache_lock on;");
setting(cache_window => "$cache telephony_errors_window 1m;");
setting(cache_small => "$cache proxy_buffer_size 1k; proxy_buffers 2 1k;
                        proxy_busy_buffers_size 1k;");
setting(cache_write => "$cache aio threads; aio_write on; sendfile on;
                        telephony_errors_window 256;");

# the statuses, and what the cache said

sub told {
    my ($case, $location) = @_;

    my @answers = TelephonyWire::ask($case, $location, 4);
    my $got = join ' ', map { "$_->{status}:"
                              . ($_->{headers}{'x-cache'} // '') } @answers;

    return { %{ $answers[3] }, end => $got };
}

my $kept_out = '402:MISS 402:MISS 200:MISS 200:HIT';
my $late_error = '{"list":"' . 'x' x 100_000
                 . '","status":"non_sufficient_funds"}';
my $big_funds = '{"status":"non_sufficient_funds","list":"' . 'x' x 300_000
                . '"}';

for my $framing (qw(length chunked close)) {
    for my $way ([ $error, 'an error' ],
                 [ $big_funds, 'a large error' ],
                 [ $late_error, 'a late error', 'cache_window' ])
    {
        my ($body, $what, $at) = @$way;

        for my $split (0, 7000) {
            next if $split > length $body;

            my %how = (framing => $framing, split => $split);

            # small files are read by threads

            my @at = $at // ($body eq $error ? grep({ $_ ne 'cache_write' }
                                                    @decided) : @decided);

            wire("$what in a 200 is not cached, $framing, "
                 . ($split || 'all') . ' bytes at a time',
                 at => \@at, ask => \&told, end => $kept_out,
                 answer => [ { body => $body, %how }, { body => $body, %how },
                             { body => $success }, { body => $error } ]);
        }
    }

    wire("an error in a 200 that threads have read is replaced all the same, "
         . $framing,
         at => [ qw(cache_aio cache_sendfile_aio) ], times => 3, %funds,
         answer => { body => $error, framing => $framing });

    wire("observing: an error in a 200 is cached as without the module, "
         . $framing,
         at => 'cache', headers => [ 'X-Observe: on' ], times => 3,
         status => 200, notice => 'INSUFFICIENT_FUNDS', end => 'any',
         body => $error, check => seen(qw(MISS HIT HIT)),
         answer => [ { body => $error, framing => $framing },
                     { body => $success } ]);
}

# the end comes alone: a last chunk or the end of the connection

sub alone {
    my ($framing, $body) = @_;

    my $chunked = $framing eq 'chunked';
    my $raw = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
              . ($chunked ? sprintf("Transfer-Encoding: chunked\r\n\r\n"
                                    . "%x\r\n%s\r\n", length $body, $body)
                          : "Connection: close\r\n\r\n$body");

    return { raw => $raw . ($chunked ? "0\r\n\r\n" : ''),
             split => length $raw, gap => 0.1,
             then => $chunked ? 'keep' : 'close' };
}

for my $framing (qw(chunked close)) {
    wire("an error in a 200 is not cached, its end comes alone, $framing",
         at => [ qw(cache cache_sendfile cache_directio cache_lock
                    cache_small) ],
         ask => \&told, end => $kept_out,
         answer => [ (alone($framing, $error)) x 2,
                     map { alone($framing, $_) } $success, $error ]);

    wire("observing: an error in a 200 is cached, its end comes alone, "
         . $framing,
         at => 'cache', headers => [ 'X-Observe: on' ], times => 3,
         status => 200, notice => 'INSUFFICIENT_FUNDS', end => 'any',
         body => $error, check => seen(qw(MISS HIT HIT)),
         answer => [ alone($framing, $error), { body => $success } ]);
}

wire('a compressed error in a 200 is not cached', at => 'cache',
     ask => \&told, end => $kept_out,
     answer => [ { body => $error, gzip => 1 },
                 { body => $error, gzip => 1, framing => 'chunked' },
                 { body => $success }, { body => $error } ]);

setting(overridden => "$cache telephony_errors_override NO_RESULTS 402;");

wire('a notice that is an error here is not cached', at => 'overridden',
     ask => \&told, end => $kept_out,
     answer => [ { body => $notice }, { body => $notice },
                 { body => $success }, { body => $notice } ]);


# stored: asked for the first time, a file from then on

setting(store => "proxy_store $root/stored/{side}\$uri\$http_x_case;
                  telephony_errors_observe \$http_x_observe;");

sub stored {
    my ($case, $location) = @_;

    my @answers = TelephonyWire::ask($case, $location, 2);
    my ($side) = $location =~ m{^/(\w+)/};
    my $file = "$root/stored/$side$location$case->{id}";
    my $size = -s $file // 'no file';

    return map { { %$_, end => "stored: $size" } } @answers;
}

for my $framing (qw(length chunked close)) {
    wire("stored: no error in a 200, $framing",
         at => 'store', ask => \&stored, %funds, end => 'stored: no file',
         answer => { body => $error, framing => $framing });

    wire("stored: no error in a 200 whose end comes alone, $framing",
         at => 'store', ask => \&stored, %funds, end => 'stored: no file',
         answer => alone($framing, $error)) if $framing ne 'length';

    wire("stored: no large error in a 200, $framing",
         at => 'store', ask => \&stored, %funds, end => 'stored: no file',
         answer => { body => $big_funds, framing => $framing });

    wire("stored: a success, $framing",
         at => 'store', ask => \&stored, status => 200, verdict => 'success',
         end => 'stored: ' . length $success,
         answer => { body => $success, framing => $framing });

    wire("stored: a large success, $framing",
         at => 'store', ask => \&stored, status => 200, verdict => 'success',
         end => 'stored: ' . length $big,
         answer => { body => $big, framing => $framing });

    wire("observing: an error in a 200 is stored as without the module, "
         . $framing,
         at => 'store', ask => \&stored, headers => [ 'X-Observe: on' ],
         status => 200, end => 'stored: ' . length $error,
         answer => { body => $error, framing => $framing });
}


# coded answers

setting(gzip => 'gzip on; gzip_min_length 1; gzip_types *; gzip_vary on;');
setting(gunzip => 'gunzip on;');
setting(gunzip_unbuffered => 'gunzip on; proxy_buffering off;');

sub unzipped {
    my ($answer) = @_;

    return 'not gzip' if ($answer->{headers}{'content-encoding'} // '')
                         ne 'gzip';

    my $text = Compress::Zlib::memGunzip($answer->{body}) // '';

    return $text =~ /"code":"NOT_FOUND"/ ? () : "unzipped: $text";
}

wire('gzip: an envelope is compressed like any answer',
     at => 'gzip', times => 2, headers => [ 'Accept-Encoding: gzip' ],
     status => 404, check => \&unzipped,
     answer => { status => 404, body => $html });

wire('gzip: a success is compressed as without the module',
     at => 'gzip', times => 2, headers => [ 'Accept-Encoding: gzip' ],
     same => 1, answer => { body => $success });

wire('gzip: what the vendor has compressed is not compressed again',
     at => 'gzip', times => 2, headers => [ 'Accept-Encoding: gzip' ],
     same => 1, answer => { body => $success, gzip => 1 });

my @gunzip = qw(gunzip gunzip_unbuffered cache_gunzip);

for my $accept ('gzip', 'identity') {
    my @headers = ("Accept-Encoding: $accept");

    wire("gunzip: a success, accepting $accept",
         at => \@gunzip, times => 2, headers => \@headers, same => 1,
         verdict => 'success', answer => { body => $success, gzip => 1 });

    wire("gunzip: a large success, accepting $accept",
         at => \@gunzip, times => 2, headers => \@headers, same => 1,
         verdict => 'success', answer => { body => $big, gzip => 1 });

    wire("gunzip: an error, accepting $accept",
         at => \@gunzip, times => 2, headers => \@headers, %funds,
         answer => { body => $error, gzip => 1 });

    wire("gunzip: an error status, accepting $accept",
         at => \@gunzip, times => 2, headers => \@headers, status => 500,
         code => 'INTERNAL',
         answer => { status => 500, body => $html, gzip => 1 });
}


# filters of nginx behind the module

setting(sub_filter => 'sub_filter funds FUNDS; sub_filter success SUCCESS;
                       sub_filter_types *; sub_filter_once off;');
setting(addition => 'add_before_body /before; add_after_body /after;
                     addition_types *;');
setting(expires => 'expires 1h;');
setting(limit_rate => 'limit_rate 300k; limit_rate_after 1k;');
setting(slow => 'limit_rate 400;');

server('location = /before { return 200 "<<"; }'
       . 'location = /after { return 200 ">>"; }');

wire('sub_filter: a success', at => 'sub_filter', times => 2, same => 1,
     verdict => 'success', answer => { body => $success });

wire('sub_filter: an envelope is worked on like any answer',
     at => 'sub_filter', times => 2, status => 402,
     check => sub {
         return $_[0]{body} =~ /"non_sufficient_FUNDS"/ ? () : 'no FUNDS';
     },
     answer => { body => $error });

wire('addition: a success', at => 'addition', times => 2, same => 1,
     answer => { body => $success });

wire('addition: adds nothing to an error', at => 'addition', times => 2,
     %funds, answer => { body => $error });

wire('expires: not of an error', at => 'expires', times => 2, %funds,
     unlike => [ qr/^Expires/m, qr/max-age/ ], answer => { body => $error });

wire('limit_rate: a success that takes a while', at => 'limit_rate', same => 1,
     answer => { body => substr $big, 0, 400_000 });

wire('limit_rate: an envelope slower than it can be written', at => 'slow',
     times => 2, %funds, answer => { body => $error });


# pages of errors

setting(intercept => 'proxy_intercept_errors on; error_page 500 /page;
                      error_page 418 = /page;');
setting(fallback => 'proxy_intercept_errors on;
                     error_page 500 = @fallback_{side};');
setting(fallback_kept => 'proxy_intercept_errors on;
                          error_page 500 @fallback_{side};');
setting(dead => '', upstream => '127.0.0.1:$TEST_NGINX_DEAD_PORT');
setting(dead_off => 'telephony_errors_generated off;',
        upstream => '127.0.0.1:$TEST_NGINX_DEAD_PORT');
setting(dead_observe => 'telephony_errors_observe on;',
        upstream => '127.0.0.1:$TEST_NGINX_DEAD_PORT');
setting(dead_page => 'error_page 502 /page;',
        upstream => '127.0.0.1:$TEST_NGINX_DEAD_PORT');
setting(dead_json => 'error_page 502 = /json;',
        upstream => '127.0.0.1:$TEST_NGINX_DEAD_PORT');
setting(dead_fallback => 'error_page 502 504 = @fallback_{side};',
        upstream => '127.0.0.1:$TEST_NGINX_DEAD_PORT');
setting(dead_recursive => 'recursive_error_pages on;
                           error_page 502 = @dead_{side};',
        upstream => '127.0.0.1:$TEST_NGINX_DEAD_PORT');
setting(silent => 'proxy_read_timeout 100ms;');
setting(silent_unbuffered => 'proxy_read_timeout 100ms;
                              proxy_buffering off;');
setting(named => 'try_files /none @fallback_{side};', own => 1);
setting(limited => 'limit_req zone=l;');
setting(limited_all => 'limit_req zone=l; telephony_errors_generated all;');
setting(returned => 'return 200 \'{"status":"invalid_did"}\';', own => 1);
setting(returned_error => 'return 503 \'{"status":"invalid_did"}\';',
        own => 1);
setting(refused => 'deny all;');
setting(refused_all => 'deny all; telephony_errors_generated all;');
setting(static => "alias $root/files/;", own => 1);

server(<<'END');
        location = /page {
            internal;
            return 200 '<h1>page</h1>';
        }

        location = /json {
            internal;
            return 200 '{"status":"invalid_did"}';
        }

END

server(<<'END');
        location @fallback_{side} {
            telephony_errors voipms;
            proxy_set_header Connection "";
            proxy_set_header X-Other 1;
            proxy_pass http://vendor;
        }

        location @dead_{side} {
            telephony_errors voipms;
            proxy_pass http://127.0.0.1:$TEST_NGINX_DEAD_PORT;
        }
END

wire('intercepted: the page of the operator', at => 'intercept', times => 2,
     same => 1, verdict => '', answer => { status => 500, body => $error });

wire('intercepted: what has no page is replaced', at => 'intercept',
     times => 2, status => 503, code => 'PROVIDER_UNAVAILABLE',
     answer => { status => 503, body => $html });

for my $way (qw(fallback fallback_kept dead_fallback)) {
    my $first = { status => 500, body => $html };

    wire('a fallback: its success leaves as it came', at => $way, times => 2,
         same => 1, verdict => 'success',
         answer => sub {
             my ($request) = @_;
             return $request->{headers}{'x-other'} ? { body => $success }
                                                  : $first;
         });

    wire('a fallback: its error is replaced', at => $way, times => 2, %funds,
         answer => sub {
             my ($request) = @_;
             return $request->{headers}{'x-other'} ? { body => $error }
                                                  : $first;
         });

    wire('a fallback: its error status is replaced', at => $way, times => 2,
         status => 503, code => 'PROVIDER_UNAVAILABLE',
         answer => sub {
             my ($request) = @_;
             return $request->{headers}{'x-other'}
                    ? { status => 503, body => $html } : $first;
         });
}

wire('a named location', at => 'named', times => 2, %funds,
     answer => { body => $error });

wire('nobody listens: an envelope', at => 'dead', times => 2, status => 503,
     code => 'PROVIDER_UNAVAILABLE', reason => 'generated');

wire('nobody listens, HEAD: its header', at => 'dead', times => 2,
     status => 503, code => 'PROVIDER_UNAVAILABLE', method => 'HEAD',
     unlike => qr/^content-length/mi);

wire('nobody listens: nginx\'s own page, if that is wanted', at => 'dead_off',
     times => 2, same => 1, status => 502);

wire('nobody listens, observing: nginx\'s own page', at => 'dead_observe',
     status => 502, notice => 'PROVIDER_UNAVAILABLE', verdict => 'error',
     check => sub {
         return $_[0]{body} =~ /502 Bad Gateway/ ? () : 'no page';
     });

wire('nobody listens: the page of the operator',
     at => [ 'dead_page', 'dead_json' ], times => 2, same => 1,
     verdict => '');

wire('nobody listens: nor behind the fallback', at => 'dead_recursive',
     times => 2, status => 503, code => 'PROVIDER_UNAVAILABLE');

wire('the vendor says nothing: PROVIDER_TIMEOUT',
     at => [ 'silent', 'silent_unbuffered' ], status => 504,
     code => 'PROVIDER_TIMEOUT',
     answer => { raw => ' ', delay => 1000 });

wire('the vendor says nonsense: an envelope',
     at => [ 'plain', 'unbuffered' ], times => 2, status => 503,
     code => 'PROVIDER_UNAVAILABLE',
     answer => { raw => $broken });

wire('the vendor\'s header is too long: an envelope',
     at => [ 'plain', 'unbuffered' ], times => 2, status => 503,
     code => 'PROVIDER_UNAVAILABLE',
     answer => { body => $success, headers => [ 'X-A: ' . 'x' x 100_000 ] });

wire('limit_req: nginx\'s own page', at => 'limited', ask => \&second,
     same => 1, status => 503, answer => { body => $success });

wire('limit_req: an envelope, if all is wanted', at => 'limited_all',
     ask => \&second, status => 429, code => 'RATE_LIMITED',
     answer => { body => $success });

sub second {
    my ($case, $location) = @_;

    return (TelephonyWire::ask($case, $location, 2))[1];
}

wire('an answer that no vendor made is not touched',
     at => [ 'returned', 'returned_error', 'refused' ], times => 2,
     same => 1, verdict => '');

wire('deny: an envelope, if all is wanted', at => 'refused_all', times => 2,
     status => 403, code => 'PERMISSION_DENIED', reason => 'generated');

wire('a file is not touched', at => 'static', path => 'error.json',
     times => 2, same => 1, verdict => '', body => $error,
     answer => undef);

wire('a range of a file is not touched', at => 'static',
     path => 'error.json', times => 2, same => 1, status => 206,
     headers => [ 'Range: bytes=0-3' ], body => substr $error, 0, 4);


# X-Accel-*

server(<<"END");
        location /files_{side}/ {
            internal;
            telephony_errors voipms;
            alias $root/files/;
        }

        location /target_{side}/ {
            internal;
            telephony_errors voipms;
            proxy_set_header Connection "";
            proxy_set_header X-Other 1;
            proxy_pass http://vendor;
        }
END

setting(accel => '');
setting(accel_cache => $cache);

for my $side (qw(on off)) {
    wire("X-Accel-Redirect to a file: not touched (of $side)",
         at => [ 'accel', 'accel_cache' ], times => 3, status => 200,
         body => $error, verdict => '', answer => {
             body => $success,
             headers => [ "X-Accel-Redirect: /files_$side/error.json" ] });
}

wire('X-Accel-Redirect to another vendor: judged there',
     at => [ 'accel', 'accel_cache' ], times => 3, %funds, answer => sub {
         my ($request) = @_;

         return $request->{path} =~ m{^/target} ? { body => $error }
                : { body => $success,
                    headers => [ 'X-Accel-Redirect: /target_on/' ] };
     });

wire('X-Accel-Buffering: no', times => 2, same => 1,
     answer => { body => $big, headers => [ 'X-Accel-Buffering: no' ] });

wire('X-Accel-Buffering: no, an error', times => 2, %number,
     answer => { body => $big_error, headers => [ 'X-Accel-Buffering: no' ] });


# subrequests

setting(ssi => 'ssi on; ssi_types *;');
setting(auth => 'auth_request /auth_{side};');
setting(mirror => 'mirror /mirror_{side};');
setting(slice => 'slice 10; proxy_set_header Range $slice_range;
                  proxy_set_header Connection "";');
setting(post_action => 'post_action /post_{side};');

server(<<'END');
        location = /auth_{side} {
            internal;
            telephony_errors voipms;
            proxy_set_header Connection "";
            proxy_set_header X-Other 1;
            proxy_set_header Content-Length "";
            proxy_pass_request_body off;
            proxy_pass http://vendor/auth;
        }

        location = /mirror_{side} {
            internal;
            telephony_errors voipms;
            proxy_set_header Connection "";
            proxy_set_header X-Other 1;
            proxy_pass http://vendor/mirror;
        }

        location = /post_{side} {
            internal;
            telephony_errors voipms;
            proxy_set_header Connection "";
            proxy_set_header X-Other 1;
            proxy_pass http://vendor/post;
        }
END

sub by_place {
    my ($first, $second) = @_;

    return sub {
        my ($request) = @_;

        return $request->{headers}{'x-other'} ? $second : $first;
    };
}

for my $side (qw(plain unbuffered)) {
    wire("SSI: an error among the parts of a page is a part of it ($side)",
         at => 'ssi', same => 1, verdict => 'none', answer => sub {
             my ($request) = @_;

             return $request->{path} eq '/part' ? { body => $error }
                    : { headers => [ 'Content-Type: text/html' ],
                        body => "<html>1<!--#include virtual=\"/on/$side/part\""
                                . '-->2<!--#include virtual="/part"'
                                . ' -->3</html>' };
         });
}

wire('SSI: a page that is an error is replaced', at => 'ssi', times => 2,
     %funds, answer => { body => $error });

wire('auth_request: what the vendor says there is for nginx alone',
     at => 'auth', times => 2, same => 1, verdict => 'success',
     answer => by_place({ body => $success }, { body => $error }));

wire('auth_request: the answer behind it is judged', at => 'auth', times => 2,
     %funds, answer => by_place({ body => $error }, { body => $success }));

wire('auth_request: refused', at => 'auth', times => 1, same => 1,
     status => 403,
     answer => by_place({ body => $success }, { status => 403, body => $error }));

wire('auth_request: fails', at => 'auth', times => 1, same => 1,
     status => 500,
     answer => by_place({ body => $success }, { status => 500, body => $error }));

wire('mirror: does not disturb a success', at => 'mirror', times => 2,
     same => 1, answer => by_place({ body => $success }, { body => $error }));

wire('mirror: does not disturb an error', at => 'mirror', times => 2, %funds,
     method => 'POST', body_sent => 'x' x 1000,
     answer => by_place({ body => $error }, { body => $success }));

wire('post_action: comes after the answer', at => 'post_action', times => 2,
     %funds, answer => by_place({ body => $error }, { body => $success }));

wire('slices of a success', at => 'slice', same => 1, answer => \&sliced);

wire('slices of a success, asked for a range', at => 'slice', same => 1,
     headers => [ 'Range: bytes=3-25' ], status => 206, answer => \&sliced);

wire('slices that the vendor refuses', at => 'slice', times => 2, %funds,
     answer => { body => $error });

sub sliced {
    my ($request) = @_;

    my ($from, $to) = $request->{headers}{range} =~ /^bytes=(\d+)-(\d+)/;
    my $all = length $success;

    $to = $all - 1 if $to >= $all;

    return { status => 206, body => substr($success, $from, $to - $from + 1),
             headers => [ "Content-Range: bytes $from-$to/$all", 'ETag: "1"' ]
           };
}


# clients that are slow, or go away; files for what they do not take

setting(temp => 'proxy_buffer_size 1k; proxy_buffers 2 1k;
                 proxy_busy_buffers_size 1k; proxy_temp_file_write_size 2k;');
setting(temp_sendfile => 'sendfile on; proxy_buffer_size 1k;
                          proxy_buffers 2 1k; proxy_busy_buffers_size 1k;
                          proxy_temp_file_write_size 2k;');
setting(temp_aio => 'aio threads; aio_write on; sendfile off;
                     proxy_buffer_size 1k; proxy_buffers 2 1k;
                     proxy_busy_buffers_size 1k;
                     proxy_temp_file_write_size 2k;');

my @ways = qw(plain unbuffered temp temp_sendfile temp_aio cache cache_aio);

for my $body ($big, $big_late, $html x 50_000) {
    my $what = substr $body, 0, 12;

    for my $framing (qw(length chunked close)) {
        wire("a client that waits before it reads: $what, $framing",
             at => \@ways, same => 1, ask => \&slowly,
             answer => { body => $body, framing => $framing });
    }
}

wire('a client that waits before it reads: an error', at => \@ways,
     ask => \&slowly, %number, answer => { body => $big_error });

sub slowly {
    my ($case, $location) = @_;

    my $connection = connect_to(undef, 4096);

    $connection->send_bytes(request_of($case, $location,
                                       headers => [ 'Connection: close' ]));
    $connection->more;

    # the vendor has said all before the rest is read, or has been stopped

    select undef, undef, undef, 0.1;

    return $connection->response('GET');
}

my @aborted = map { { body => $_ } } $success, $error, $big, $big_late,
                                     $big_error, $html;

for my $cut (undef, 5, 20, 300) {
    for my $answer (@aborted) {
        my $what = substr $answer->{body}, 0, 22;
        my %stall = defined $cut && $cut < length $answer->{body}
                    ? (cut => $cut, then => 'stall') : ();

        wire("a client that goes away ($what, " . ($cut // 'all') . ')',
             at => \@ways, ask => sub {
                 my ($case, $location) = @_;

                 for (1 .. 3) {
                     my $connection = connect_to();

                     $connection->send_bytes(request_of($case, $location));

                     # once the vendor is asked, or has begun to answer

                     select undef, undef, undef, 0.01 * $_;
                     close $connection->{fh};
                 }

                 my $connection = connect_to();

                 $connection->send_bytes(
                     "GET /on/returned/ HTTP/1.1\r\nHost: localhost\r\n\r\n");

                 return $connection->response('GET');
             },
             status => 200, answer => { %$answer, %stall });
    }
}


# two gateways in a row: the envelope of the inner passes as it is

http_block(<<"END");
    server {
        listen unix:$root/inner.sock;
        add_header X-Inner 1 always;

        location / {
            telephony_errors voipms;
            proxy_pass http://vendor/;
        }

        location /gzip/ {
            gzip on;
            gzip_min_length 1;
            gzip_types *;
            gzip_proxied any;
            telephony_errors voipms;
            proxy_pass http://vendor/;
        }
    }
END

setting(outer => "proxy_pass http://unix:$root/inner.sock:/;", own => 1);
setting(outer_mango => "proxy_pass http://unix:$root/inner.sock:/;", own => 1,
        provider => 'mango');
setting(outer_unbuffered => "proxy_buffering off;
                             proxy_pass http://unix:$root/inner.sock:/;",
        own => 1);
setting(outer_gzip => "proxy_set_header Accept-Encoding gzip;
                       proxy_http_version 1.1;
                       proxy_pass http://unix:$root/inner.sock:/gzip/;
                       gunzip on;", own => 1);

my @outers = qw(outer outer_mango outer_unbuffered outer_gzip);

wire('two gateways: the envelope of the inner one passes', at => \@outers,
     times => 2, status => 402, end => 'any',
     check => sub {
         my ($answer) = @_;

         my $json = eval { JSON::PP::decode_json($answer->{body}) } || {};
         my @codes = $answer->{head} =~ /^Telephony-Code: (\S+)\r?$/mg;

         return ($json->{provider}{name} // '') eq 'voipms'
                && ($json->{code} // '') eq 'INSUFFICIENT_FUNDS'
                && "@codes" eq 'INSUFFICIENT_FUNDS'
                && $answer->{headers}{'content-type'}
                   eq 'application/problem+json'
                ? () : "body: $answer->{body}, codes: @codes";
     },
     answer => { body => $error });

wire('two gateways: a success passes both',
     at => [ qw(outer outer_unbuffered) ], times => 2, body => $success,
     status => 200, verdict => 'success', end => 'any',
     answer => { body => $success });

wire('two gateways: a broken envelope is judged by its status',
     at => 'plain', times => 2, status => 503, code => 'PROVIDER_UNAVAILABLE',
     answer => { status => 503, body => '{"code":"RATE_LIMITED","status":4',
                 headers => [ 'Content-Type: application/problem+json' ] });

wire('somebody else\'s problem document is judged by its status',
     at => 'plain', times => 2, status => 503, code => 'PROVIDER_UNAVAILABLE',
     answer => { status => 503, body => '{"title":"x","status":503}',
                 headers => [ 'Content-Type: application/problem+json' ] });


# other protocols to the vendor, see other_vendors() below

my %params = (
    fastcgi => 'include /etc/nginx/fastcgi_params;',
    uwsgi => 'include /etc/nginx/uwsgi_params;',
    scgi => 'include /etc/nginx/scgi_params;',
);

for my $protocol (sort keys %params) {
    for my $buffering ('on', 'off') {
        my $name = "${protocol}_$buffering";

        setting($name => "${protocol}_pass unix:$root/$protocol.sock;
                          ${protocol}_buffering $buffering;
                          ${protocol}_param REQUEST_METHOD \$request_method;
                          ${protocol}_param CONTENT_LENGTH \$content_length;
                          ", own => 1);

        wire('a success', at => $name, times => 2, same => 1,
             verdict => 'success', answer => { body => $success });
        wire('a large success', at => $name, times => 2, same => 1,
             verdict => 'success', answer => { body => $big });
        wire('an error', at => $name, times => 2, %funds,
             answer => { body => $error });
        wire('a large error', at => $name, times => 2, %number,
             answer => { body => $big_error });
        wire('an error status', at => $name, times => 2, status => 500,
             code => 'INTERNAL', answer => { status => 500, body => $html });
        wire('no JSON', at => $name, times => 2, same => 1,
             reason => 'not_json', answer => { body => $html });
    }
}

wire('the vendor dies in its body',
     at => [ map { ("${_}_on", "${_}_off") } sort keys %params ],
     times => 2, status => 503, code => 'PROVIDER_UNAVAILABLE',
     answer => { body => $error, cut => 12 });

sub other_vendors {
    my (@pids);

    for my $protocol (keys %params) {
        my $listener = IO::Socket::UNIX->new(Local => "$root/$protocol.sock",
                                             Listen => 64)
                       or die "$protocol: $!\n";
        my $parent = $$;
        my $pid = fork // die "fork: $!\n";

        if ($pid) {
            push @pids, $pid;
            next;
        }

        $SIG{PIPE} = 'IGNORE';

        while (getppid() == $parent) {
            next if !IO::Select->new($listener)->can_read(0.5);

            my $client = $listener->accept or next;

            eval { serve($protocol, $client) };
            warn "$protocol: $@" if $@;
            close $client;
        }

        POSIX::_exit(0);
    }

    return @pids;
}

sub serve {
    my ($protocol, $client) = @_;

    my $in = '';
    my $read = sub {
        my ($n) = @_;

        while (length $in < $n) {
            sysread $client, $in, 65536, length $in or die "closed\n";
        }

        return substr $in, 0, $n, '';
    };

    my $params;

    if ($protocol eq 'fastcgi') {
        while (1) {
            my ($type, $length, $padding) =
                (unpack 'CCnnCC', $read->(8))[1, 3, 4];
            my $content = $read->($length + $padding);

            $params .= substr $content, 0, $length if $type == 4;
            last if $type == 5 && $length == 0;
        }

    } elsif ($protocol eq 'uwsgi') {
        $params = $read->((unpack 'CvC', $read->(4))[1]);

    } else {
        my $length = '';

        $length .= $read->(1) while $length !~ /:$/;
        $length =~ s/:$//;
        $params = $read->($length + 1);
    }

    my %params = pairs($protocol, $params);
    my $id = $params{HTTP_X_CASE};
    my $answer = TelephonyWire::vendor_says({ headers => { 'x-case' => $id },
                                              path => '/' });
    my $status = $answer->{status} // 200;
    my $head = ($protocol eq 'uwsgi' ? "HTTP/1.1 $status Said\r\n"
                                     : "Status: $status Said\r\n")
               . "Content-Type: application/json\r\n"
               . 'Content-Length: ' . length($answer->{body}) . "\r\n\r\n";
    my $body = $answer->{body};

    $body = substr $body, 0, $answer->{cut} if $answer->{cut};

    my $out = $head . $body;

    if ($protocol eq 'fastcgi') {
        $out = join '', map { pack('CCnnCC', 1, 6, 1, length, 0, 0) . $_ }
                        unpack '(a30000)*', $out;
        $out .= pack('CCnnCC', 1, 6, 1, 0, 0, 0)
                . pack('CCnnCCNC4', 1, 3, 1, 8, 0, 0, 0, 0, 0, 0, 0)
            if !$answer->{cut};
    }

    while (length $out) {
        my $n = syswrite $client, $out or return;

        substr($out, 0, $n) = '';
    }
}

sub pairs {
    my ($protocol, $params) = @_;

    return $params =~ /([^\0]*)\0/g if $protocol eq 'scgi';
    return unpack '(v/a*)*', $params if $protocol eq 'uwsgi';

    my @pairs;

    while (length $params) {
        my @sizes = map {
            my $size = unpack 'C', $params;

            $size < 128 ? unpack 'C', substr $params, 0, 1, ''
            : 0x7fffffff & unpack 'N', substr $params, 0, 4, '';
        } 1 .. 2;

        push @pairs, map { substr $params, 0, $_, '' } @sizes;
    }

    return @pairs;
}


# HTTP/2, by curl; and by h2load, for many streams on a connection

http_block(<<"END");
    server {
        listen unix:$root/h2.sock http2;

        add_header X-Verdict \$telephony_verdict always;
        add_header X-Reason \$telephony_reason always;

        location /on/ {
            telephony_errors voipms;
            proxy_pass http://vendor/;
        }

        location /on/unbuffered/ {
            telephony_errors voipms;
            proxy_buffering off;
            proxy_pass http://vendor/;
        }

        location /off/ {
            proxy_pass http://vendor/;
        }

        location /off/unbuffered/ {
            proxy_buffering off;
            proxy_pass http://vendor/;
        }

        location /on/cache/ {
            telephony_errors voipms;
            proxy_cache c;
            proxy_cache_valid any 1h;
            proxy_pass http://vendor/;
        }

        location /off/cache/ {
            proxy_cache c;
            proxy_cache_valid any 1h;
            proxy_pass http://vendor/;
        }
    }
END

sub h2load {
    my ($case, $location) = @_;

    open my $out, '-|', 'h2load', '-n', 200, '-c', 2, '-m', 20,
        "--base-uri=unix:$root/h2.sock", '-H', "X-Case: $case->{id}",
        "http://localhost$location"
        or die "h2load: $!\n";

    my $text = join '', <$out>;
    close $out;

    my ($done) = $text =~ /(\d+) done, .*\b0 errored, 0 timeout/;
    my ($codes) = $text =~ /^status codes: (.*)/m;

    return { end => "$done: $codes", head => $text };
}

for my $framing (qw(length chunked close)) {
    for my $way (
        [ 'successes', '2xx', { body => $success } ],
        [ 'large successes', '2xx', { body => substr $big, 0, 100_000 } ],
        [ 'errors', '4xx', { body => $error } ],
        [ 'large errors', '4xx', { body => substr $big_error, 0, 100_000 } ],
        [ 'error statuses', '5xx', { status => 500, body => $html } ])
    {
        my ($what, $class, $answer) = @$way;
        my $codes = join ', ', map { ($_ eq $class ? 200 : 0) . " $_" }
                               qw(2xx 3xx 4xx 5xx);

        wire("HTTP/2: streams side by side: $what, $framing",
             ask => \&h2load, at => [ 'plain', 'unbuffered' ],
             end => "200: $codes",
             answer => { %$answer, framing => $framing });
    }
}

my $curl = by_curl(2, 'http://localhost', '--unix-socket', "$root/h2.sock");
my @h2 = (ask => $curl, at => [ 'plain', 'unbuffered', 'cache' ]);

for my $method ('GET', 'HEAD') {
    wire("HTTP/2: $method, a status line that nginx cannot read", @h2,
         method => $method, status => 502, code => 'BAD_PROVIDER_RESPONSE',
         unlike => qr/FORGED/, check => sub {
             return $_[0]{body} =~ /404: Not/ ? 'bytes of it' : ();
         },
         answer => { raw => "HTTP/1.1 404: Not Found\r\n"
                            . "Telephony-Code: FORGED\r\n\r\n$html" });
}

for my $framing (qw(length chunked close)) {
    my %framing = (framing => $framing);

    wire("HTTP/2: a success, $framing", @h2, same => 1, verdict => 'success',
         answer => { body => $success, %framing });
    wire("HTTP/2: a large success, $framing", @h2, same => 1,
         verdict => 'success', answer => { body => $big, %framing });
    wire("HTTP/2: beyond the window, $framing", @h2, same => 1,
         reason => 'window', answer => { body => $big_late, %framing });
    wire("HTTP/2: a notice, $framing", @h2, status => 200, body => $notice,
         notice => 'NO_RESULTS', answer => { body => $notice, %framing });
    wire("HTTP/2: an error, $framing", @h2, %funds,
         answer => { body => $error, %framing });
    wire("HTTP/2: a large error, $framing", @h2, %number,
         answer => { body => $big_error, %framing });
    wire("HTTP/2: an error status, $framing", @h2, status => 500,
         code => 'INTERNAL',
         answer => { status => 500, body => $html, %framing });
    wire("HTTP/2: no JSON, $framing", @h2, same => 1, reason => 'not_json',
         answer => { body => $html, %framing });
    wire("HTTP/2: an empty body, $framing", @h2, same => 1,
         answer => { body => '', %framing });
    wire("HTTP/2: bytes one by one, $framing", @h2, %funds,
         answer => { body => $error, %framing, split => 1, gap => 0 });
}

wire('HTTP/2: HEAD of a success', @h2, same => 1, method => 'HEAD',
     answer => { body => $success });
wire('HTTP/2: HEAD of an error status', @h2, status => 500,
     code => 'INTERNAL', method => 'HEAD',
     answer => { status => 500, body => $html });
wire('HTTP/2: a range of a cached success', ask => $curl, at => 'cache',
     headers => [ 'Range: bytes=0-3' ], status => 200, body => $success,
     answer => { body => $success, headers => \@validators });
wire('HTTP/2: no content', @h2, same => 1,
     answer => { status => 204, body => '' });

wire('HTTP/2: the vendor dies while the header is held', ask => $curl,
     at => [ 'plain', 'unbuffered' ], status => 503,
     code => 'PROVIDER_UNAVAILABLE', answer => { body => $error, cut => 10 });

wire('HTTP/2: streams that the client resets',
     at => [ 'plain', 'unbuffered' ], status => 200, end => 'any',
     ask => sub {
         my ($case, $location) = @_;

         for my $ms (5, 20, 50) {
             system curl_command(2, $case, '-o', '/dev/null',
                 '--limit-rate', '1000', '--max-time', $ms / 1000,
                 '--unix-socket', "$root/h2.sock", "http://localhost$location");
         }

         my $connection = connect_to();

         $connection->send_bytes(
             "GET /on/returned/ HTTP/1.1\r\nHost: localhost\r\n\r\n");

         return $connection->response('GET');
     },
     answer => { body => $big_error });


my @pids;

run_wire(more => 1,
         started => sub {
             mkdir "$root/files";
             open my $out, '>', "$root/files/error.json" or die $!;
             print $out $error;
             close $out;
             @pids = other_vendors();
         },
         before_end => sub {
             kill 'KILL', @pids;
             waitpid $_, 0 for @pids;
         });

# what the log says of an answer that a fallback gave

{
    open my $in, '<', "$root/logs/access.log" or die $!;
    my @lines = <$in>;

    is((grep { m{ /on/fallback_kept/ } && / error INSUFF/
               && !/ 402 error INSUFFICIENT_FUNDS 200 / } @lines) + 0, 0,
       'the log has the status that was sent');
    cmp_ok(scalar(@lines), '>', 1000, 'there is a log');
    is(join('', grep { m{ /on/} && / 200 error / && !/observe.*observed:/
                       && !/observed:on/ } @lines), '',
       'no error is logged as a success');
}


# other modules, before and behind, by the order in which they are loaded

my %others = map { $_ => "/usr/lib/nginx/modules/$_.so" }
             qw(ndk_http_module ngx_http_lua_module ngx_http_echo_module
                ngx_http_headers_more_filter_module);
my $ours = $ENV{TEST_NGINX_LOAD_MODULES};

SKIP: {
    my @missing = grep { !-e $others{$_} } sort keys %others;

    skip "not installed: @missing", 1 if @missing;

    my @loaded = @others{qw(ndk_http_module ngx_http_lua_module
                            ngx_http_echo_module
                            ngx_http_headers_more_filter_module)};

    for my $order ('first', 'last') {
        last if $ours eq '' && $order eq 'last';

        local $ENV{TEST_NGINX_LOAD_MODULES} =
            join ' ', $order eq 'first' ? ($ours, @loaded) : (@loaded, $ours);

        other_modules("loaded $order");
    }
}

done_testing();


sub other_modules {
    my ($order) = @_;

    main_block("pcre_jit off;\n");
    http_block("lua_load_resty_core off;\n");

    setting(plain => '');
    setting(more => 'more_set_headers "X-More: $status";
                     more_clear_headers "X-Vendor";
                     more_set_headers -s 402 "X-Funds: 1";');
    setting(header => 'header_filter_by_lua_block {
                           ngx.header["X-Lua"] = ngx.status
                       }');
    setting(body => 'header_filter_by_lua_block {
                         ngx.header.content_length = nil
                     }
                     body_filter_by_lua_block {
                         if ngx.arg[1] ~= "" then
                             ngx.arg[1] = ngx.arg[1]:gsub("1", "9")
                         end
                     }');
    setting(eater => 'body_filter_by_lua_block {
                          if not ngx.arg[2] then
                              ngx.ctx.all = (ngx.ctx.all or "") .. ngx.arg[1]
                              ngx.arg[1] = nil
                          else
                              ngx.arg[1] = (ngx.ctx.all or "") .. ngx.arg[1]
                          end
                      }');
    setting(access => 'access_by_lua_block {
                           local a = ngx.location.capture("/on/plain/")
                           ngx.req.set_header("X-Captured", a.status)
                       }');
    setting(log => 'log_by_lua_block {
                        ngx.log(ngx.ERR, "logged ", ngx.status, " ",
                                ngx.var.telephony_verdict)
                    }');
    setting(capture => 'content_by_lua_block {
                            local a = ngx.location.capture("/on/plain/")
                            ngx.status = a.status
                            ngx.print(a.body)
                        }', own => 1);
    setting(echo => 'echo_before_body "<<"; echo_after_body ">>";');

    for my $framing (qw(length chunked close)) {
        for my $split (0, 1) {
            my %how = (framing => $framing, split => $split, gap => 0);
            my $what = "$order: " . ($split ? 'bytewise, ' : '') . $framing;

            wire("a success, $what",
                 at => [ qw(plain more header body eater access log echo) ],
                 times => 2, same => 1,
                 answer => { body => $success, %how,
                             headers => [ 'X-Vendor: 1' ] });

            wire("an error, $what",
                 at => [ qw(plain more header body eater access log) ],
                 times => 2, %funds, answer => { body => $error, %how });

            wire("an error status, $what",
                 at => [ qw(plain more header body eater access log) ],
                 times => 2, status => 503, code => 'PROVIDER_UNAVAILABLE',
                 answer => { status => 503, body => $html, %how });
        }

        wire("a large success, $order, $framing",
             at => [ qw(plain more header body eater access log) ],
             times => 2, same => 1,
             answer => { body => $big, framing => $framing });

        wire("a large error, $order, $framing",
             at => [ qw(plain more header body eater access log) ],
             times => 2, %number,
             answer => { body => $big_error, framing => $framing });

        wire("the vendor dies while the header is held, $order, $framing",
             at => [ qw(plain more header body access log) ],
             status => 503, code => 'PROVIDER_UNAVAILABLE',
             answer => { body => $error, framing => $framing, cut => 20,
                         then => $framing eq 'close' ? 'reset' : 'close' });
    }

    wire("what another handler made is not touched, $order",
         at => 'capture', times => 2, same => 1, body => $error,
         status => 200, verdict => '', answer => { body => $error });

    # what is added before the module is a part of what it judges

    if ($order eq 'loaded last') {
        wire("echo adds to an envelope like to any answer, $order",
             at => 'echo', times => 2, status => 402,
             check => sub {
                 return $_[0]{body} =~ /^<<\n\{.*\}>>\n$/s ? ()
                        : "body: $_[0]{body}";
             },
             answer => { body => $error });

    } else {
        wire("echo makes it no JSON, $order", at => 'echo', times => 2,
             status => 200, reason => 'not_json', body => "<<\n$error>>\n",
             answer => { body => $error });
    }

    run_wire(more => 1);
}
