# The life of a response: passed at the header, released or replaced, exactly
# once, on plain HTTP.  Raw connections, see TelephonyWire.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();
use TelephonyWire;

my $success = '{"status":"success","did":[1,2,3]}';
my $error = '{"status":"non_sufficient_funds"}';
my $notice = '{"status":"no_sms"}';
my $late = '{"did":[{"a":"status"},2,3],"status":"success"}';
my $late_error = '{"did":[{"a":"status"},2,3],"status":"invalid_did"}';
my $big = '{"status":"success","list":"' . 'x' x 300_000 . '"}';
my $big_late = '{"list":"' . 'x' x 300_000 . '","status":"invalid_did"}';
my $big_error = '{"status":"invalid_did","list":"' . 'x' x 300_000 . '"}';
my $html = '<html><body>{"status":"invalid_did"}</body></html>';

setting(plain => '');
setting(unbuffered => 'proxy_buffering off;');
setting(small => 'proxy_buffer_size 1k; proxy_buffers 2 1k;
                  proxy_busy_buffers_size 1k; proxy_max_temp_file_size 0;');
setting(window => 'telephony_errors_window 256;');
setting(window_unbuffered => 'telephony_errors_window 256;
                              proxy_buffering off;');
setting(http10 => 'proxy_http_version 1.0;');
setting(observe => 'telephony_errors_observe on;');
setting(list => 'proxy_buffering off;', provider => 'mango');
setting(ranges => 'proxy_force_ranges on;');
setting(always => 'add_header X-Always 1 always; add_header X-Only-Good 1;
                   add_header X-Verdict $telephony_verdict always;
                   add_header X-Reason $telephony_reason always;');

my @modes = qw(plain unbuffered small);
my @windows = qw(window window_unbuffered);


# released and replaced, however the body is framed and cut

for my $framing (qw(length chunked close)) {
    for my $split (0, 1, 7) {
        my %how = (framing => $framing, split => $split, gap => 0);
        my $what = "$framing, " . ($split || 'all') . " bytes at a time";

        wire("a success leaves as it came: $what",
             at => \@modes, times => 2, same => 1, verdict => 'success',
             answer => { body => $success, %how });

        wire("a success whose code comes last leaves as it came: $what",
             at => \@modes, times => 2, same => 1, verdict => 'success',
             answer => { body => $late, %how });

        wire("a notice keeps status and body: $what",
             at => \@modes, times => 2, body => $notice, status => 200,
             notice => 'NO_RESULTS', verdict => 'notice', end => 'any',
             answer => { body => $notice, %how });

        wire("an error is replaced: $what",
             at => \@modes, times => 2, status => 402,
             code => 'INSUFFICIENT_FUNDS', unlike => qr/transfer-encoding/i,
             answer => { body => $error, %how });

        wire("an error whose code comes last is replaced: $what",
             at => \@modes, times => 2, status => 400,
             code => 'INVALID_PHONE_NUMBER',
             answer => { body => $late_error, %how });

        wire("an error status is replaced: $what",
             at => \@modes, times => 2, status => 503,
             code => 'PROVIDER_UNAVAILABLE', reason => 'not_json',
             answer => { status => 503, body => $html, %how });

        wire("no JSON leaves as it came: $what",
             at => \@modes, times => 2, same => 1, verdict => 'none',
             reason => 'not_json', answer => { body => $html, %how });
    }

    wire("a large success leaves as it came: $framing",
         at => \@modes, times => 2, same => 1, verdict => 'success',
         answer => { body => $big, framing => $framing });

    wire("a large body whose code is beyond the window leaves as it came: "
         . $framing,
         at => [ @modes, @windows ], times => 2, same => 1, verdict => 'none',
         reason => 'window', answer => { body => $big_late,
                                         framing => $framing });

    wire("a large error is replaced and its rest is eaten: $framing",
         at => [ @modes, @windows ], times => 2, status => 400,
         code => 'INVALID_PHONE_NUMBER',
         answer => { body => $big_error, framing => $framing });

    wire("a large body with an error status is replaced: $framing",
         at => [ @modes, @windows ], times => 2, status => 500,
         code => 'INTERNAL',
         answer => { status => 500, body => $big_late, framing => $framing });

    wire("an empty body leaves as it came: $framing",
         at => \@modes, times => 2, same => 1, verdict => 'none',
         reason => 'empty', answer => { body => '', framing => $framing });

    wire("an empty body with an error status gets the envelope: $framing",
         at => \@modes, times => 2, status => 404, code => 'NOT_FOUND',
         reason => 'empty',
         answer => { status => 404, body => '', framing => $framing });
}


# not held longer than needed: the vendor waits, and the client has its answer;
# with buffering nginx itself waits for a buffer to be full

for my $framing (qw(length chunked close)) {
    my %waits = (framing => $framing, then => 'stall');

    for my $way ([ 'unbuffered', 300 ], [ 'plain', 20_000 ], [ 'small', 3000 ])
    {
        my ($at, $cut) = @$way;

        wire("a success is released as soon as its code is there: $framing",
             at => $at, early => 1, status => 200, verdict => 'success',
             answer => { body => $big, %waits, cut => $cut });

        wire("no JSON is released with its first bytes: $framing",
             at => $at, early => 1, status => 200, reason => 'not_json',
             answer => { body => $html x 1000, %waits, cut => $cut });
    }

    wire("an undecided answer is released when the window is full: $framing",
         at => 'window_unbuffered', early => 1, status => 200,
         reason => 'window',
         answer => { body => $big_late, %waits, cut => 257 });

    wire("an undecided answer is released when the window is full: $framing",
         at => 'window', early => 1, status => 200, reason => 'window',
         answer => { body => $big_late, %waits, cut => 20_000 });

    wire("an error status is answered when the window is full: $framing",
         at => [ 'unbuffered', 'plain' ], early => 1, status => 403,
         verdict => 'error',
         answer => { status => 403, body => $html x 1000, %waits,
                     cut => 20_000 });
}

# a report goes with its first line, though that begins like JSON; mango has no
# code in its lists

my @texts = ("2026-11-26T10:00:00 call 1\n", qq("a";"b"\n), "true story\n",
             "null\n", "-1;2\n", "[info] text\n", "[MToxMDA=];1544965391\n",
             "[];1544965391;1120\n", "{hello} world\n", "\n \xef\xbb\xbf[]\n",
             "\xef\xbb\xbf\nfalse\n");

for my $text (@texts) {
    (my $what = $text) =~ s/[^ -~]/./g;

    wire("text is released with its first bytes: $what",
         at => [ 'unbuffered', 'list' ], early => 1, status => 200,
         verdict => 'none', reason => 'not_json',
         answer => { body => $text x 100, headers => [ 'Content-Type: x/y' ],
                     framing => 'chunked', cut => length $text,
                     then => 'stall' });
}

for my $body ('[]', "[\n", " \n", "\xef\xbb", '{"a":[1,2') {
    (my $what = $body) =~ s/[^ -~]/./g;

    wire("what may become JSON is held: $what",
         at => [ 'unbuffered', 'list' ], same => 1, verdict => 'none',
         reason => 'not_json',
         answer => { body => $body . ';' x 100, framing => 'chunked',
                     split => length $body, gap => 0.002 });
}


wire('an unreadable error is answered before its end',
     at => 'unbuffered', early => 1, status => 500,
     answer => { status => 500, headers => [ 'Content-Encoding: unknown' ],
                 body => 'x' x 1000, cut => 10, then => 'stall' });

wire('a success cut in its code is released when the code is whole',
     at => 'unbuffered', early => 1, status => 200, verdict => 'success',
     answer => { body => $big, split => 10, gap => 0.05, cut => 40,
                 then => 'stall' });


# the edges of the window, counted in bytes

for my $framing (qw(length chunked close)) {
    for my $size (254 .. 258) {

        # the quote that ends the code is the last byte but one

        my $fits = $size <= 257;
        my $fill = 'x' x ($size - length '{"a":"","status":"success"}');
        my $body = "{\"a\":\"$fill\",\"status\":\"success\"}";

        wire("a success of $size bytes in a window of 256: $framing",
             at => \@windows, times => 2, same => 1,
             $fits ? (verdict => 'success')
                   : (verdict => 'none', reason => 'window'),
             answer => { body => $body, framing => $framing });

        $fill = 'x' x ($size - length '{"a":"","status":"invalid_did"}');
        $body = "{\"a\":\"$fill\",\"status\":\"invalid_did\"}";

        wire("an error of $size bytes in a window of 256: $framing",
             at => \@windows, times => 2,
             $fits ? (status => 400, code => 'INVALID_PHONE_NUMBER')
                   : (same => 1, reason => 'window'),
             answer => { body => $body, framing => $framing });

        for my $split (1, 64, 128, 255) {
            wire("an error of $size bytes, $split at a time, in a window of "
                 . "256: $framing",
                 at => \@windows,
                 $fits ? (status => 400, code => 'INVALID_PHONE_NUMBER')
                       : (same => 1, reason => 'window'),
                 answer => { body => $body, framing => $framing,
                             split => $split, gap => $split == 1 ? 0 : 0.001
                           });
        }
    }
}


# passed at the header, in the vendor's own words

for my $status (201, 202, 203, 207) {
    wire("a success of status $status leaves as it came",
         at => \@modes, same => 1, status => $status, verdict => 'success',
         answer => { status => $status, body => $success });

    wire("an error in status $status is replaced",
         at => \@modes, status => 402, code => 'INSUFFICIENT_FUNDS',
         answer => { status => $status, body => $error });
}

for my $status (204, 205, 206, 300, 301, 302, 303, 304, 307, 308, 416) {
    wire("a status of $status is not judged",
         at => \@modes, times => 2, same => 1, status => $status,
         verdict => '',
         answer => { status => "$status Their Words",
                     headers => [ 'Location: /there', 'ETag: "1"',
                                  'Content-Range: bytes 0-32/100' ],
                     body => $status =~ /^(?:20[45]|304)$/ ? '' : $error });
}

for my $type ('text/event-stream', 'text/event-stream; charset=utf-8',
              'TEXT/Event-Stream', 'application/x-ndjson', 'application/grpc',
              'application/grpc+proto', 'multipart/mixed; boundary=x')
{
    # an error status is answered by itself, without the body; a gRPC client
    # reads trailers

    my @grpc = $type =~ /grpc/ ? (same => 1, verdict => '')
               : (code => 'INTERNAL', reason => 'not_json');

    wire("an error status of $type",
         at => \@modes, times => 2, status => 500, @grpc,
         answer => { status => 500, headers => [ "Content-Type: $type" ],
                     body => $error });

    wire("an error status of $type is not held",
         at => \@modes, early => 1, status => 500, reason => 'not_json',
         answer => { status => 500, headers => [ "Content-Type: $type" ],
                     body => $error, cut => 5, then => 'stall' })
        if $type !~ /grpc/;

    wire("a stream of $type is never held",
         at => 'unbuffered', early => 'head', status => 200, verdict => '',
         answer => { headers => [ "Content-Type: $type" ], body => $error,
                     framing => 'close', cut => 5, then => 'stall' });
}

# statuses that RFC 9110 does not know are read as 500

for my $status (600, 603, 999) {
    wire("an error of status $status is replaced",
         at => \@modes, times => 2, status => 402,
         code => 'INSUFFICIENT_FUNDS', check => provider_status($status),
         answer => { status => "$status Their Words", body => $error });

    wire("an unknown answer of status $status is judged as one of 500",
         at => \@modes, times => 2, status => 500, code => 'INTERNAL',
         check => provider_status($status),
         answer => { status => "$status Their Words", body => $html });

    wire("a success of status $status is none",
         at => \@modes, status => 500, code => 'INTERNAL',
         answer => { status => "$status Their Words", body => $success });
}

sub provider_status {
    my ($want) = @_;

    return sub {
        my $json = eval { JSON::PP::decode_json($_[0]{body}) } // {};
        my $got = $json->{provider}{status} // 'none';

        return $got eq $want ? () : "provider.status: $got";
    };
}


wire('an upgraded connection is not touched',
     at => 'upgrade', verdict => '', status => 101, end => 'any',
     headers => [ 'Upgrade: websocket', 'Connection: Upgrade' ],
     ask => sub {
         my ($case, $location) = @_;

         my $connection = connect_to();

         $connection->send_bytes(request_of($case, $location));

         my $answer = $connection->response('GET');

         $connection->more while length $connection->left < length $error
                                 && !$connection->{over};
         $answer->{body} = $connection->left;

         return $answer;
     },
     body => $error,
     answer => { raw => "HTTP/1.1 101 Switching Protocols\r\n"
                        . "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
                        . $error });

setting(upgrade => 'proxy_set_header Upgrade $http_upgrade;
                    proxy_set_header Connection "upgrade";');


# HEAD

wire('HEAD: a success keeps its length',
     at => \@modes, times => 2, same => 1, method => 'HEAD', verdict => 'none',
     reason => 'head', like => qr/^Content-Length: 34\r?$/m,
     answer => { body => $success });

wire('HEAD: an error status gets status and headers, no length and no body',
     at => \@modes, times => 2, method => 'HEAD', status => 503,
     code => 'PROVIDER_UNAVAILABLE', reason => 'head',
     unlike => qr/^(?:content-length|transfer-encoding|content-encoding)/mi,
     answer => { status => 503, body => $html, gzip => 1 });


# the client's side

for my $version ('1.0', '1.1') {
    for my $alive (0, 1) {
        my @headers = $version eq '1.1' ? ($alive ? () : 'Connection: close')
                                        : ($alive ? 'Connection: keep-alive'
                                                  : ());
        my $who = "HTTP/$version" . ($alive ? ', kept' : '');

        for my $framing (qw(length chunked close)) {

            wire("$who: a success leaves as it came: $framing",
                 at => [ @modes, 'http10' ], version => $version,
                 headers => \@headers, times => 2, same => 1,
                 answer => { body => $late,
                             framing => $framing eq 'chunked' ? 'close'
                                                              : $framing });

            wire("$who: an error has a length: $framing",
                 at => [ @modes, 'http10' ], version => $version,
                 headers => \@headers, times => 2, status => 402,
                 code => 'INSUFFICIENT_FUNDS',
                 like => $alive ? qr/^Connection: keep-alive/m
                                : qr/^Connection: close/m,
                 answer => { body => $error, framing => $framing });
        }
    }
}

wire('pipelined requests are answered in order',
     at => \@modes,
     answer => sub {
         my ($request) = @_;
         my $turn = $request->{headers}{'x-turn'};

         return [ { body => $error }, { body => $late },
                  { status => 500, body => $html },
                  { body => $big_error }, { body => $notice },
                  { body => $success, framing => 'chunked' } ]->[$turn];
     },
     ask => sub {
         my ($case, $location) = @_;

         my $connection = connect_to();

         $connection->send_bytes(join '', map {
             request_of($case, $location, headers => [ "X-Turn: $_" ])
         } 0 .. 5);

         my @answers = map { $connection->response('GET') } 0 .. 5;
         my $got = join ' ', map {
             "$_->{status}:" . ($_->{headers}{'telephony-code'} // '')
         } @answers;
         my $want = '402:INSUFFICIENT_FUNDS 200: 500:INTERNAL '
                    . '400:INVALID_PHONE_NUMBER 200:NO_RESULTS 200:';

         return { head => $got, end => $got eq $want ? 'complete' : 'wrong',
                  body => $answers[1]{body} . $answers[4]{body}
                          . $answers[5]{body} };
     },
     body => $late . $notice . $success);

for my $body ($success, $error, $html) {
    my $what = substr $body, 0, 30;

    wire("the vendor's connection is kept after $what",
         at => \@modes, times => 3, end => 'complete',
         ask => sub {
             my ($case, $location) = @_;

             my $connection = connect_to();
             my @seen;

             # the fake vendor numbers its connections

             for (1 .. 3) {
                 $connection->send_bytes(request_of($case, $location));

                 my $answer = $connection->response('GET');

                 push @seen, $answer->{headers}{'x-connection'};
             }

             return { head => "@seen", body => '',
                      end => $seen[1] == $seen[2] ? 'complete' : 'opened anew'
                    };
         },
         answer => { body => $body, count => 1 });
}

wire('a request with a body is answered like any other',
     at => \@modes, times => 2, method => 'POST', body_sent => 'x' x 100_000,
     status => 402, code => 'INSUFFICIENT_FUNDS', answer => { body => $error });


# what stands before the JSON

my $bom = "\xef\xbb\xbf";

for my $first ($bom, " \r\n\t", "$bom  \n", "\n" x 300) {
    (my $shown = $first) =~ s/([^ ])/sprintf '%02x', ord $1/ge;
    $shown = substr $shown, 0, 20;

    for my $split (0, 1) {
        wire("$shown before a success leaves with it" . ($split && ', bytewise'),
             at => \@modes, same => 1, verdict => 'success',
             answer => { body => $first . $success, split => $split,
                         gap => 0 });

        wire("$shown before an error: replaced" . ($split && ', bytewise'),
             at => \@modes, status => 402, code => 'INSUFFICIENT_FUNDS',
             answer => { body => $first . $error, split => $split,
                         gap => 0 });
    }
}

wire('nothing but white space leaves as it came',
     at => [ @modes, @windows ], same => 1, verdict => 'none',
     answer => { body => ' ' x 1000, framing => 'chunked' });

wire('a content type that lies does not decide',
     at => \@modes, status => 402, code => 'INSUFFICIENT_FUNDS',
     answer => { headers => [ 'Content-Type: text/html; charset=ISO-8859-1' ],
                 body => $error });

wire('no content type at all',
     at => \@modes, status => 402, code => 'INSUFFICIENT_FUNDS',
     answer => { headers => [ 'Content-Type:' ], body => $error });

wire('bytes that are no UTF-8 leave as they came',
     at => \@modes, same => 1, verdict => 'success',
     answer => { body => "{\"status\":\"success\",\"a\":\"\xff\x00\xc3\"}",
                 framing => 'chunked', split => 1, gap => 0 });

wire('JSON that breaks off after the code leaves as it came',
     at => \@modes, same => 1, verdict => 'success',
     answer => { body => '{"status":"success","a":' });

wire('JSON that breaks off before the code leaves as it came',
     at => \@modes, same => 1, verdict => 'none', reason => 'truncated',
     answer => { body => '{"a":1,"b":[1,2' });


# headers

wire('what described the old body goes, the rest stays',
     at => \@modes, status => 402, code => 'INSUFFICIENT_FUNDS',
     like => [ map { qr/^\Q$_\E\r?$/m } 'Retry-After: 7', 'Set-Cookie: a=b',
                     'Set-Cookie: c=d', 'X-RateLimit-Limit: 3',
                     'x-correlator: 5', 'Access-Control-Allow-Origin: *',
                     'Cache-Control: no-store', 'Vary: Origin' ],
     unlike => [ map { qr/^$_/mi } qw(etag last-modified content-language:.de
                     content-disposition content-md5 digest content-range
                     location refresh trailer expires age pragma
                     accept-ranges) ],
     answer => { body => $error, headers => [
         'Retry-After: 7', 'Set-Cookie: a=b', 'Set-Cookie: c=d',
         'X-RateLimit-Limit: 3', 'x-correlator: 5', 'Vary: Origin',
         'Access-Control-Allow-Origin: *', 'ETag: "1"',
         'Last-Modified: Sat, 21 Nov 2026 10:00:00 GMT',
         'Content-Language: de', 'Content-Disposition: attachment',
         'Content-MD5: 1', 'Digest: 1', 'Content-Range: bytes 1-2/3',
         'Location: /x', 'Refresh: 1; url=/x', 'Trailer: X-T',
         'Cache-Control: max-age=100', 'Cache-Control: public',
         'Expires: Sat, 21 Nov 2026 10:00:00 GMT', 'Age: 1', 'Pragma: x',
         'Accept-Ranges: bytes' ] });

wire('an error status keeps its own freshness',
     status => 503, code => 'PROVIDER_UNAVAILABLE',
     like => [ qr/^Cache-Control: max-age=5\r?$/m, qr/^Age: 1\r?$/m ],
     unlike => qr/no-store/,
     answer => { status => 503, body => $html, headers => [
         'Cache-Control: max-age=5', 'Age: 1' ] });

wire('Telephony-* of the vendor cannot forge ours',
     at => \@modes, status => 200, verdict => 'success', body => $success,
     unlike => qr/^telephony-/mi,
     answer => { body => $success, headers => [
         'Telephony-Code: FORGED', 'telephony-retryable: true' ] });

wire('add_header with and without always sees the status that is sent',
     at => 'always', status => 402, code => 'INSUFFICIENT_FUNDS',
     like => qr/^X-Always: 1/m, unlike => qr/^X-Only-Good/m,
     answer => { body => $error });

wire('trailers go with the body that they belong to',
     at => \@modes, times => 2, status => 402, code => 'INSUFFICIENT_FUNDS',
     answer => { body => $error, framing => 'chunked',
                 trailers => [ 'X-Sum: 1' ] });

wire('trailers of a success',
     at => \@modes, times => 2, same => 1,
     answer => { body => $late, framing => 'chunked', headers =>
                 [ 'Trailer: X-Sum' ], trailers => [ 'X-Sum: 1' ] });


# observing: held alike, never changed but for headers added

for my $framing (qw(length chunked close)) {
    wire("observing, an error keeps status and body: $framing",
         at => 'observe', status => 200, verdict => 'error', body => $error,
         notice => 'INSUFFICIENT_FUNDS', end => 'any',
         answer => { body => $error, framing => $framing });

    wire("observing, an error status keeps all: $framing",
         at => 'observe', status => 503, verdict => 'error', body => $html,
         notice => 'PROVIDER_UNAVAILABLE', end => 'any',
         answer => { status => 503, body => $html, framing => $framing });
}


# ranges of an answer that nginx could cut: a full answer, and never a 206
# with the whole body behind it

for my $range ('bytes=0-3', 'bytes=-2', 'bytes=5-', 'bytes=0-1,4-5',
               'bytes=1000-', 'nonsense')
{
    wire("Range: $range of a success gives all of it",
         at => 'ranges', times => 2, headers => [ "Range: $range" ],
         status => 200, body => $success, verdict => 'success',
         answer => { body => $success });

    wire("Range: $range of an error gives the envelope",
         at => 'ranges', times => 2, headers => [ "Range: $range" ],
         status => 402, code => 'INSUFFICIENT_FUNDS',
         answer => { body => $error });
}

wire('an answer that could be cut still says so',
     at => 'ranges', same => 1, like => qr/^Accept-Ranges: bytes/m,
     answer => { body => $success });


run_wire();
