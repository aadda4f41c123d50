# The vendor dies, resets or stalls at every offset of an answer.  While the
# header is held the client gets an envelope; what has been released ends as
# without the module; and the next request is answered.  See TelephonyWire.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();
use TelephonyWire;

use Compress::Zlib ();

my $unavailable = '503 PROVIDER_UNAVAILABLE';
my $timeout = '504 PROVIDER_TIMEOUT';

# body, status; what the whole answer becomes: "same", or status and code; the
# byte from which that is certain, though the rest be missing

my %answers = (
    'a success'          => [ '{"status":"success","did":[1,2]}', 200,
                              'same', 19 ],
    'a success told late' => [ '{"did":[1,2],"status":"success"}', 200,
                              'same', 31 ],
    'an error'           => [ '{"status":"invalid_did","did":[1,2]}', 200,
                              '400 INVALID_PHONE_NUMBER', 23 ],
    'a notice'           => [ '{"status":"no_sms","sms":[]}', 200, 'same',
                              18 ],
    'no JSON'            => [ '<html>no</html>', 200, 'same', 1 ],
    'JSON without a code' => [ '{"a":[1,2,{"b":null}]}', 200, 'same', 999 ],
    'an error status'    => [ '<html>no</html>', 500, '500 INTERNAL', 0 ],
    'an error status with a code' => [ '{"status":"invalid_did"}', 500,
                              '400 INVALID_PHONE_NUMBER', 23 ],
);

http_block(<<"END");
    proxy_cache_path $ENV{TEST_NGINX_SERVROOT}-own/cache keys_zone=c:1m;
    proxy_cache_key \$uri\$http_x_case;
    proxy_read_timeout 60s;
END

# no connection is kept: the next request would meet a vendor that stalls

my %vendor = (upstream => '127.0.0.1:$TEST_NGINX_UPSTREAM_PORT');

setting(plain => '', %vendor);
setting(unbuffered => 'proxy_buffering off;', %vendor);
setting(impatient => 'proxy_read_timeout 150ms;', %vendor);
setting(impatient_unbuffered => 'proxy_read_timeout 150ms;
                                 proxy_buffering off;', %vendor);
setting(cache => 'proxy_cache c; proxy_cache_valid any 1h;', %vendor);
setting(generated_off => 'telephony_errors_generated off;', %vendor);
setting(observe => 'telephony_errors_observe on;', %vendor);
setting(window => 'telephony_errors_window 256;', %vendor);
setting(gzip => 'telephony_errors_window 256; gzip on; gzip_min_length 1;
                 gzip_types *; gzip_http_version 1.0;
                 gzip_proxied any; proxy_buffering off;', %vendor);
setting(window_unbuffered => 'telephony_errors_window 256;
                              proxy_buffering off;', %vendor);

# Asks for every offset, each on a connection of its own, all at a time.

sub every {
    my (@offsets) = @_;

    return sub {
        my ($case, $location) = @_;

        my @connections = map {
            my $connection = connect_to();

            $connection->send_bytes(request_of($case, $location,
                                               headers => [ "X-Cut: $_" ]));
            $connection;
        } @offsets;

        return map {
            my $answer = $connections[$_]->response($case->{method} // 'GET');

            $answer->{offset} = $offsets[$_];
            $answer;
        } 0 .. $#connections;
    };
}

# What an answer is, in short.

sub is_what {
    my ($answer) = @_;

    my $code = $answer->{headers}{'telephony-code'} // '';

    return "no answer ($answer->{end})" if $answer->{status} eq '';
    return 'same' if $code eq '' || $code eq 'NO_RESULTS';

    my @problems = TelephonyWire::envelope_problems($answer, $code);

    return "$code: @problems" if @problems;
    return "$code: $answer->{end}" if $answer->{end} ne 'complete';
    return "$answer->{status} $code";
}

# The answers must be among what is expected of the offset, and "same" is what
# /off/ gives, unless bytes may be lost.

sub expecting {
    my ($case, $location, $offsets, $expected, $loses) = @_;

    my $ask = every(@$offsets);
    my @answers = $ask->($case, $location);

    (my $off = $location) =~ s/^\/on/\/off/;
    my @plain = $ask->($case, $off);
    my @problems;

    for my $i (0 .. $#answers) {
        my $offset = $offsets->[$i];
        my @want = $expected->($offset);
        my $what = is_what($answers[$i]);

        if (!grep { $_ eq $what } @want) {
            push @problems, "offset $offset: $what, not " . join ' or ', @want;

        } elsif ($what eq 'same' && !$loses
                 && !$answers[$i]{headers}{'telephony-code'})
        {
            push @problems, map { "offset $offset: $_" }
                            TelephonyWire::differences($answers[$i],
                                                       $plain[$i]);
        }
    }

    return { status => 200, head => '', body => join("\n", @problems),
             end => @problems ? 'wrong' : 'complete', headers => {} };
}

sub at_every_offset {
    my ($title, $settings, $offsets, $answer, $expected) = @_;

    my $loses = $title =~ /\breset\b|, then no chunk/;

    wire($title, at => $settings, answer => $answer, ask => sub {
        my ($case, $location) = @_;

        return expecting($case, $location, $offsets, $expected, $loses);
    });
}

for my $name (sort keys %answers) {
    my ($body, $status, $whole, $known) = @{ $answers{$name} };
    my $n = length $body;
    my $error = $status >= 400;

    # dead before the verdict: by the status, if that is an error

    my $dead = $error ? '500 INTERNAL' : $unavailable;

    # a notice waits for the end: an object may name its code but once, and
    # only a success is so certain that it is released before

    my $released = $whole eq 'same' && $name ne 'a notice';

    for my $framing (qw(length chunked close)) {
        for my $then (qw(close reset stall)) {

            my @settings = $then eq 'stall'
                           ? qw(impatient impatient_unbuffered)
                           : qw(plain unbuffered);

            for my $at (@settings) {
                my $stalls = $then eq 'stall';
                my $buffered = $at !~ /unbuffered/;

                my $expected = sub {
                    my ($k) = @_;

                    # the end is where it ought to be

                    return $whole if $framing eq 'length' && $k == $n;

                    if ($framing eq 'close' && $then eq 'close') {
                        return $k >= $known ? $whole
                               : $error ? $dead : 'same';
                    }

                    my @want = $k >= $known && $name ne 'a notice'
                               ? $whole : $name eq 'a notice' && $k >= $known
                               ? ('same', $dead) : $dead;

                    # the bytes before a reset may be lost on their way, and
                    # nginx drops what it has buffered at a timeout

                    push @want, $dead if $then eq 'reset'
                                         || $stalls && $buffered;
                    return @want;
                };

                at_every_offset(
                    "$name, $framing, $then at every offset of its body", $at,
                    [ 0 .. $n ], sub {
                        my ($request) = @_;

                        return { status => $status, body => $body,
                                 framing => $framing, then => $then,
                                 cut => $request->{headers}{'x-cut'} };
                    }, $expected);
            }
        }
    }
}


# at every offset of the header

my $header = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
             . "Content-Length: 33\r\nX-A: b\r\n\r\n";

for my $then (qw(close reset stall)) {
    at_every_offset(
        "$then at every offset of the header",
        $then eq 'stall' ? [ qw(impatient impatient_unbuffered) ]
                         : [ qw(plain unbuffered) ],
        [ 0 .. length($header) - 1 ], sub {
            my ($request) = @_;

            return { raw => substr($header, 0, $request->{headers}{'x-cut'}),
                     then => $then };
        },
        sub { $then eq 'stall' ? $timeout : $unavailable });
}


# at every offset of a compressed body: what can be read of it counts

for my $way (
    [ 'a success', '{"status":"success","did":[1,2]}', 'same' ],
    [ 'an error', '{"status":"invalid_did","did":[1,2]}',
      '400 INVALID_PHONE_NUMBER' ])
{
    my ($name, $text, $whole) = @$way;
    my $body = Compress::Zlib::memGzip($text);
    my $n = length $body;

    for my $then (qw(close reset)) {
        at_every_offset(
            "$name, gzip, $then at every offset of its body",
            [ qw(plain unbuffered) ], [ 0 .. $n ], sub {
                my ($request) = @_;

                return { body => $body, then => $then,
                         headers => [ 'Content-Encoding: gzip' ],
                         cut => $request->{headers}{'x-cut'} };
            },
            sub { $_[0] == $n ? $whole : ($whole, $unavailable) });
    }
}


# at every offset of a chunked body, what is no chunk: nginx gives up there, too

for my $way (
    [ 'a success', '{"status":"success","did":[1,2]}', 'same', 19 ],
    [ 'a success told late', '{"did":[1,2],"status":"success"}', 'same', 31 ],
    [ 'an error', '{"status":"invalid_did","did":[1,2]}',
      '400 INVALID_PHONE_NUMBER', 23 ])
{
    my ($name, $body, $whole, $known) = @$way;

    # nginx 1.30 looks at no fewer bytes than the last chunk has

    for my $bad ('zz', '-1', '0x') {
        at_every_offset(
            "$name, then no chunk: $bad",
            [ qw(plain unbuffered cache) ], [ 0 .. length $body ], sub {
                my ($request) = @_;

                my $k = $request->{headers}{'x-cut'};
                my $chunk = sprintf "%x\r\n%s\r\n", $k, substr $body, 0, $k;

                return { raw => "HTTP/1.1 200 OK\r\n"
                                . "Content-Type: application/json\r\n"
                                . "Transfer-Encoding: chunked\r\n\r\n"
                                . ($k ? $chunk : '') . "$bad\r\n" x 2,
                         then => 'stall' };
            },
            sub { $_[0] >= $known ? $whole : $unavailable });
    }
}


# byte by byte until then

for my $name ('a success told late', 'an error') {
    my ($body, $status, $whole, $known) = @{ $answers{$name} };
    my $n = length $body;

    at_every_offset(
        "$name, bytes one by one until the end of the connection",
        [ qw(plain unbuffered) ], [ 0 .. $n ], sub {
            my ($request) = @_;

            return { body => $body, split => 1, gap => 0,
                     cut => $request->{headers}{'x-cut'} };
        },
        sub { $_[0] >= $known ? $whole : $unavailable });
}


# observing, or with the errors of nginx left alone: as without the module

for my $name (sort keys %answers) {
    my ($body, $status) = @{ $answers{$name} };

    next if $status >= 400 || $name eq 'an error';

    at_every_offset(
        "$name, telephony_errors_generated off: close at every offset",
        'generated_off', [ 0 .. length $body ], sub {
            my ($request) = @_;

            return { status => $status, body => $body,
                     cut => $request->{headers}{'x-cut'} };
        }, sub { 'same' });
}

wire('observing: what breaks off stays so, and is told',
     at => 'observe', status => 200, notice => 'PROVIDER_UNAVAILABLE',
     verdict => 'error', end => 'cut', body => '{"did":[1',
     answer => { body => '{"did":[1,2],"status":"success"}', cut => 9 });


# after the release: as without the module, however large the rest

my $big = '{"status":"success","list":"' . 'x' x 300_000 . '"}';
my $big_late = '{"list":"' . 'x' x 300_000 . '","status":"invalid_did"}';
my $big_error = '{"status":"invalid_did","list":"' . 'x' x 300_000 . '"}';

for my $framing (qw(length chunked)) {
    for my $cut (8191, 8192, 8193, 20_000, 299_000) {
        wire("a large success dies at $cut, $framing",
             at => [ qw(plain unbuffered window window_unbuffered) ],
             same => 1, answer => { body => $big, framing => $framing,
                                    cut => $cut });

        wire("a large body beyond the window dies at $cut, $framing",
             at => [ qw(window window_unbuffered) ], same => 1,
             answer => { body => $big_late, framing => $framing,
                         cut => $cut });

        # its client has all of the answer, and keeps the connection

        wire("a large error dies at $cut, $framing",
             at => [ qw(plain unbuffered window window_unbuffered) ],
             times => 3, status => 400, code => 'INVALID_PHONE_NUMBER',
             answer => { body => $big_error, framing => $framing,
                         cut => $cut });
    }
}


# without a length its end is the end of the connection, "Connection:
# keep-alive" or not

wire('the compressed envelope of HTTP/1.0 ends', at => 'gzip',
     version => '1.0', headers => [ 'Connection: keep-alive',
                                    'Accept-Encoding: gzip' ],
     status => 403, end => 'eof', check => sub {
         $_[0]{headers}{'content-encoding'} eq 'gzip' ? () : 'not compressed';
     },
     answer => { status => 403, body => $big, framing => 'length',
                 cut => 200_000 });

wire('an unreadable error dies', at => [ qw(plain unbuffered) ], times => 3,
     status => 500, code => 'INTERNAL',
     answer => { status => 500, body => $big, cut => 9000,
                 headers => [ 'Content-Encoding: unknown' ] });


# the envelope of a dead vendor is as any other

wire('HEAD of a dead vendor', method => 'HEAD', status => 503,
     code => 'PROVIDER_UNAVAILABLE', at => [ qw(plain unbuffered) ],
     answer => { raw => 'HTTP/1.1 200 OK' });

wire('HTTP/1.0: the vendor dies', version => '1.0', status => 503,
     code => 'PROVIDER_UNAVAILABLE', at => [ qw(plain unbuffered) ],
     answer => { body => '{"did":1}', cut => 3 });

wire('the envelope of a dead vendor says so and no more',
     status => 503, code => 'PROVIDER_UNAVAILABLE', reason => 'generated',
     unlike => [ qr/^Telephony-Provider-Code/m, qr/^ETag/m, qr/^X-Vendor-T/m ],
     check => sub {
         my $json = JSON::PP::decode_json($_[0]{body});
         my $provider = $json->{provider};

         return (exists $provider->{status} ? 'it has a status' : (),
                 exists $provider->{code} ? 'it has a code' : (),
                 $provider->{match} ne 'none' ? 'a match' : ());
     },
     answer => { body => '{"did":1}', cut => 3, headers => [ 'ETag: "1"' ],
                 trailers => [ 'X-Vendor-T: 1' ], framing => 'chunked' });

wire('nothing of a vendor that died is cached', at => 'cache', ask => sub {
         my ($case, $location) = @_;

         my @answers = TelephonyWire::ask($case, $location, 2);

         return { %{ $answers[1] }, head => "$answers[0]{status}" };
     },
     status => 200, like => qr/^503/, verdict => 'success',
     answer => [ { body => '{"did":1,"status":"success"}', cut => 3 },
                 { body => '{"did":1,"status":"success"}' } ]);

run_wire();
