# What people met in production between nginx and a vendor: odd headers, labels
# that lie, uploads that nobody reads, handshakes that are refused.  See
# TelephonyWire.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();
use TelephonyWire;

use Compress::Zlib ();
use IO::Socket::INET;
use JSON::PP ();
use POSIX ();
use Socket qw(SHUT_WR);
use Test::More;

my $root = "$ENV{TEST_NGINX_SERVROOT}-own";
my $hasty = hasty_vendor();

http_block(<<"END");
    telephony_catalog x_json {
        code     code;
        absent   success;
        error    1  NOT_FOUND;
    }

    proxy_cache_path $root/cache keys_zone=c:1m;
    proxy_cache_key \$uri\$http_x_case;
    add_header X-Upstream-Status \$upstream_status always;
    add_header X-Provider \$telephony_provider always;

    server {
        listen unix:$root/good.sock;
        default_type application/json;
        return 200 "[]";
    }

    server {
        listen unix:$root/bad.sock;
        default_type application/json;
        return 500 '{"error":{"code":"count_invalid","message":"x"}}';
    }

    upstream one_good {
        server 127.0.0.1:\$TEST_NGINX_UPSTREAM_PORT max_fails=0;
        server unix:$root/good.sock backup;
    }

    upstream none_good {
        server 127.0.0.1:\$TEST_NGINX_UPSTREAM_PORT max_fails=0;
        server unix:$root/bad.sock backup;
    }
END

my @modes = qw(plain unbuffered);

setting(plain => '');
setting(unbuffered => 'proxy_buffering off;');

sub provider_is {
    my ($member, $want) = @_;

    return sub {
        my $json = eval { JSON::PP::decode_json($_[0]{body}) } // {};
        my $got = $json->{provider}{$member} // 'none';

        return $got eq $want ? () : "provider.$member: $got";
    };
}


# a wrong password in a 200 that may be cached and says Latin-1

setting(vonage => 'proxy_cache c; proxy_cache_valid 200 1m;',
        provider => 'vonage');

wire('freshness and charset of a 200 go with its error', at => 'vonage',
     times => 2, status => 401, code => 'INVALID_CREDENTIALS',
     like => [ qr{^Content-Type: application/problem\+json\r$}m,
               qr/^x-regional-backend: wdc\r$/m ],
     unlike => [ qr/^Cache-Control:.*^Cache-Control:/ms, qr/max-age/,
                 qr/^WWW-Authenticate:.*^WWW-Authenticate:/ms ],
     check => sub {
         my $got = $_[0]{headers}{'cache-control'} // 'none';

         return $got eq 'no-store' ? () : "Cache-Control: $got";
     },
     answer => { headers => [ 'Cache-Control: max-age=1',
                              'Content-Type: application/json;'
                              . 'charset=ISO-8859-1',
                              'x-regional-backend: wdc' ],
                 body => '{"message-count":"1","messages":[{"status":"4",'
                         . '"error-text":"Bad Credentials"}]}' });


# several answers in one

my $multipart = join "\r\n", '--Boundary_74_1',
    'Content-Type: application/json', '',
    '{"response":[{"href":"/m/1","status":404},{"href":"/m/2","status":200}]}',
    '--Boundary_74_1', 'Content-Type: application/json', '',
    '{"errorCode":"CMN-102","message":"Resource for parameter [messageId] is '
    . 'not found","errors":[{"errorCode":"CMN-102"}]}', '--Boundary_74_1--', '';
my @multipart = (headers => [ 'Content-Type: multipart/mixed;'
                              . 'boundary=Boundary_74_1' ],
                 body => $multipart);

setting(ringcentral => '', provider => 'ringcentral');
setting(ringcentral_unbuffered => 'proxy_buffering off;',
        provider => 'ringcentral');

my @ringcentral = qw(ringcentral ringcentral_unbuffered);

wire('a 207 in several parts leaves as it came', at => \@ringcentral,
     times => 2, same => 1, status => 207, verdict => '',
     answer => { status => '207 Multi-Status', @multipart });

wire('a 207 in several parts is not held', at => 'ringcentral_unbuffered',
     early => 1, status => 207, verdict => '',
     answer => { status => '207 Multi-Status', @multipart, cut => 20,
                 then => 'stall' });

wire('a 207 that is JSON is judged like any 2xx', at => \@ringcentral,
     times => 2, same => 1, verdict => 'success',
     answer => { status => '207 Multi-Status', body =>
                 '{"response":[{"href":"/m/1","status":404}]}' });

wire('an error status in several parts gets the envelope by its status',
     at => \@ringcentral, times => 2, status => 400,
     code => 'INVALID_PARAMETER', reason => 'not_json',
     check => provider_is(code => 'none'),
     answer => { status => 400, @multipart });


# XML with empty validators, and a catalog that reads no text

my $xml = "<?xml version='1.0' encoding='UTF-8'?>\n<TwilioResponse>\n"
          . "  <RestException>\n    <Code>\n      21211\n    </Code>\n"
          . "  </RestException>\n</TwilioResponse>";
my @xml = (headers => [ 'Content-Type: application/xml', 'Connection: close',
                        'Etag: ', 'Last-Modified: ' ], body => $xml);

setting(x_json => '', provider => 'x_json');

wire('an error in XML: no validator is left, not even an empty one',
     at => 'x_json', times => 3, status => 400, code => 'INVALID_PARAMETER',
     reason => 'not_json', check => provider_is(code => 'none'),
     like => qr/^Connection: keep-alive/m,
     unlike => [ qr/^Etag/mi, qr/^Last-Modified/mi ],
     answer => { status => 400, @xml });

wire('a 200 in XML leaves as it came, empty validators, too', at => 'x_json',
     times => 2, same => 1, verdict => 'none', reason => 'not_json',
     answer => { @xml });


# labels that lie about the coding

setting(voipnow => '', provider => 'voipnow');
setting(voipnow_unbuffered => 'proxy_buffering off;', provider => 'voipnow');

my @voipnow = qw(voipnow voipnow_unbuffered);
my $zipped = Compress::Zlib::memGzip('{"status":"invalid_credentials"}');

for my $label ('utf-8', 'none') {
    wire("\"$label\" is no coding, an error in a 200", at => \@modes,
         times => 2, status => 401, code => 'INVALID_CREDENTIALS',
         unlike => qr/^Content-Encoding/mi,
         answer => { headers => [ 'Content-Type: application/json;'
                                  . 'charset=utf-8',
                                  "content-encoding: $label" ],
                     body => '{"status":"invalid_credentials"}' });

    wire("\"$label\" is no coding, an error status", at => \@voipnow,
         status => 400, code => 'INVALID_PARAMETER',
         unlike => qr/^Content-Encoding/mi,
         check => provider_is(code => 'count_invalid'),
         answer => { status => 400, headers => [ "content-encoding: $label" ],
                     body => '{"error":{"code":"count_invalid",'
                             . '"message":"x"}}' });
}

wire('compressed bytes without a label, an error status', at => \@modes,
     status => 503, code => 'PROVIDER_UNAVAILABLE', reason => 'not_json',
     answer => { status => 503, body => $zipped });

wire('compressed bytes without a label, a 200', at => \@modes, same => 1,
     verdict => 'none', reason => 'not_json', answer => { body => $zipped });


# headers that some versions of nginx refuse: what plain nginx does decides

my $unauthorized = '{"error":{"code":"unauthorized","message":"x"}}';
my $chunked = sprintf "%x\r\n%s\r\n0\r\n\r\n", length $unauthorized,
                      $unauthorized;

for my $way ([ 'Transfer-Encoding twice', 'Transfer-Encoding: chunked' ],
             [ 'a length beside chunks', 'Content-Length: 9999' ])
{
    my ($what, $field) = @$way;

    wire("$what: judged, or a bad gateway", at => \@voipnow, ask => sub {
             my ($case, $location) = @_;

             (my $off = $location) =~ s{^/on/}{/off/};

             my ($plain) = TelephonyWire::ask($case, $off, 1);
             my ($answer) = TelephonyWire::ask($case, $location, 1);
             my $json = eval { JSON::PP::decode_json($answer->{body}) } // {};

             $answer->{end} = join ' ', $answer->{end}, $plain->{status},
                 $answer->{status}, $json->{code} // 'no envelope',
                 $json->{provider}{status} // 'no status';

             return $answer;
         }, end => 'any', check => sub {
             return $_[0]{end} =~ /^complete\ (?:
                                      200\ 401\ UNAUTHENTICATED\ 200
                                    | 502\ 503\ PROVIDER_UNAVAILABLE\ no\ status
                                   )\z/x
                    ? () : $_[0]{end};
         },
         answer => { raw => "HTTP/1.1 200 OK\r\nContent-Type: application/json"
                            . "\r\nConnection: close\r\n$field"
                            . "\r\nTransfer-Encoding: chunked"
                            . "\r\n\r\n$chunked" });
}


# a second server of the same vendor

my $failed = { status => 500, body =>
               '{"error":{"code":"pce_fail_delete","message":"Failed."}}' };
my $again = 'proxy_next_upstream error timeout http_500 http_503;';

setting(one_good => $again, provider => 'voipnow', upstream => 'one_good');
setting(none_good => $again, provider => 'voipnow', upstream => 'none_good');

wire('a POST that failed is not repeated: the first server has the word',
     at => [ qw(one_good none_good) ], method => 'POST', body_sent => 'x',
     like => qr/^X-Upstream-Status: 500\r$/m, verdict => 'error',
     check => [ provider_is(code => 'pce_fail_delete'),
                provider_is(status => 500) ], answer => $failed);

wire('a GET is repeated: the second server has the word', at => 'one_good',
     status => 200, body => '[]', like => qr/^X-Upstream-Status: 500, 200\r$/m,
     verdict => 'success', answer => $failed);

wire('a GET is repeated, and fails again', at => 'none_good', status => 400,
     code => 'INVALID_PARAMETER', like => qr/^X-Upstream-Status: 500, 500\r$/m,
     check => provider_is(code => 'count_invalid'), answer => $failed);


# a request with a body that the vendor does not read to its end

for my $how (qw(closes half_closes stops_reading)) {
    for my $buffering (qw(on off)) {
        setting("${how}_$buffering" => "client_max_body_size 16m;
                lingering_close on; proxy_request_buffering $buffering;",
                upstream => '127.0.0.1:' . $hasty->{$how});

        wire("a vendor answers before it has read the upload, and $how",
             at => "${how}_$buffering", times => 5, ask => \&upload,
             end => '', check => sub {
                 return $_[0]{status} =~ /^(?:413|503)$/ ? () : 'status';
             });
    }
}

sub upload {
    my ($case, $location) = @_;

    return map {
        my $connection = connect_to();
        my $pid = fork // die "fork: $!\n";

        if ($pid == 0) {
            $connection->send_bytes(request_of({ %$case, method => 'POST',
                body_sent => 'x' x 8_000_000 }, $location));
            POSIX::_exit(0);
        }

        my $answer = $connection->response('POST');

        kill 'KILL', $pid;
        waitpid $pid, 0;

        my $code = $answer->{headers}{'telephony-code'} // 'no code';

        $answer->{end} =
            $answer->{end} ne 'complete' ? $answer->{end}
            : join ', ', TelephonyWire::envelope_problems($answer, $code),
              $code !~ /^(?:PAYLOAD_TOO_LARGE|PROVIDER_UNAVAILABLE)$/ ? $code
              : (), $answer->{headers}{'telephony-retryable'} ne 'false'
              ? 'retryable' : (),
              $connection->left eq '' ? () : 'a second answer';
        $answer;
    } 1 .. $case->{times};
}


# the body of a HEAD is not the next request

setting(denied => 'deny all; telephony_errors_generated all;');
setting(dead => '', upstream => '127.0.0.1:$TEST_NGINX_DEAD_PORT');

wire('HEAD with a body: one answer, and then the next request', status => 503,
     at => [ qw(plain unbuffered dead) ], ask => \&smuggle, end => 'one answer',
     unlike => [ qr/^Content-Length/m, qr/^Transfer-Encoding/m ],
     answer => { status => 503, body => '<html>' });

wire('HEAD with a body, denied: one answer, and then the next request',
     at => 'denied', ask => \&smuggle, status => 403, end => 'one answer',
     unlike => [ qr/^Content-Length/m, qr/^Transfer-Encoding/m ]);

sub smuggle {
    my ($case, $location) = @_;

    my $connection = connect_to();
    my $hidden = "GET ${location}b HTTP/1.1\r\nHost: h\r\n"
                 . "X-Case: $case->{id}\r\n\r\n";

    $connection->send_bytes(request_of({ %$case, method => 'HEAD',
                                         body_sent => $hidden }, $location));

    my $answer = $connection->response('HEAD');

    if (!$answer->{closing}) {
        $connection->send_bytes(request_of($case, $location, headers => [
                                           'Connection: close' ]));
        $answer->{end} = $connection->response('GET')->{end};
    }

    $connection->more while !$connection->{over};

    $answer->{end} = $connection->left if $connection->left ne '';
    $answer->{end} = 'one answer' if $answer->{end} eq 'complete';

    return $answer;
}


# a handshake that is refused

my $upgrade = 'proxy_set_header Upgrade $http_upgrade;
               proxy_set_header Connection "upgrade";';

setting(websocket => $upgrade, provider => 'voipnow');
setting(websocket_unbuffered => "$upgrade proxy_buffering off;",
        provider => 'voipnow');

my $expired = '{"error":{"code":"expired_token",'
              . '"message":"Token is expired."}}';
my %handshake = (at => [ qw(websocket websocket_unbuffered) ], times => 2,
                 headers => [ 'Upgrade: websocket', 'Connection: Upgrade' ]);

wire('a handshake refused by a 401', %handshake, status => 401,
     code => 'TOKEN_EXPIRED', unlike => qr/^Upgrade/m,
     like => qr/^WWW-Authenticate: /m,
     answer => { status => 401, body => $expired });

wire('a handshake refused by an error in a 200', %handshake, status => 401,
     code => 'TOKEN_EXPIRED', unlike => qr/^Upgrade/m,
     answer => { body => $expired });

wire('a handshake refused by a 426, which says what it wants', %handshake,
     verdict => 'error', like => qr/^Upgrade: websocket\r$/m,
     check => [ sub { TelephonyWire::envelope_problems($_[0],
                          $_[0]{headers}{'telephony-code'} // '') },
                provider_is(status => 426) ],
     answer => { status => '426 Upgrade Required', body => '<html>',
                 headers => [ 'Upgrade: websocket' ] });


# error_page knows the vendor's status and not the module's

setting(intercepted => 'proxy_intercept_errors on;
                        error_page 402 = @second_{side};');
setting(totalvoice => 'proxy_intercept_errors on;
                       error_page 402 = @second_{side};',
        provider => 'totalvoice');

server(<<'END');
    location @second_{side} {
        telephony_errors plivo;
        proxy_set_header X-Turn 1;
        proxy_pass http://vendor;
    }
END

my $good = { body => '{"message":"ok","api_id":"1"}' };

wire('an error in a 200 does not reach error_page', at => 'intercepted',
     status => 402, code => 'INSUFFICIENT_FUNDS',
     like => qr/^X-Provider: voipms/m,
     answer => [ { body => '{"status":"non_sufficient_funds"}' }, $good ]);

wire('an error status does, and the second vendor is judged for itself',
     at => 'totalvoice', status => 200, verdict => 'success',
     body => $good->{body}, like => qr/^X-Provider: plivo/m,
     answer => [ { status => 402, body =>
                   '{"status":402,"sucesso":false,"motivo":9,'
                   . '"mensagem":"saldo insuficiente","dados":null}' },
                 $good ]);

run_wire(before_end => $hasty->{stop});


# A vendor that answers an upload when it has read 4 KB of it, in three ways.

sub hasty_vendor {
    my %vendor;
    my @pids;

    for my $how (qw(closes half_closes stops_reading)) {
        my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                                             Listen => 16, ReuseAddr => 1)
                       or die "no port: $!\n";

        $vendor{$how} = $listener->sockport;

        my $pid = fork // die "fork: $!\n";

        if ($pid == 0) {
            local $SIG{PIPE} = 'IGNORE';

            serve_hastily($listener, $how);
            POSIX::_exit(0);
        }

        push @pids, $pid;
    }

    $vendor{stop} = sub {
        kill 'KILL', @pids;
        waitpid $_, 0 for @pids;
    };

    return \%vendor;
}

sub serve_hastily {
    my ($listener, $how) = @_;

    my $body = '{"status":"exceeds_file_size"}';
    my @open;

    while (my $client = $listener->accept) {
        sysread $client, my $request, 4096;

        syswrite $client, "HTTP/1.1 413 Too Large\r\nContent-Type: "
                          . "application/json\r\nContent-Length: "
                          . length($body) . "\r\n\r\n$body";

        if ($how eq 'half_closes') {
            shutdown $client, SHUT_WR;
            1 while sysread $client, $request, 65536;

        } elsif ($how eq 'stops_reading') {
            push @open, $client;
        }
    }
}
