#!/usr/bin/env perl

# What stands around the answer: interim answers before it, gRPC, and njs before
# and behind the module.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();
use TelephonyWire;
use Test::More;

my $root = "$ENV{TEST_NGINX_SERVROOT}-own";
my $success = '{"status":"success","balance":"25.00"}';
my $error = '{"status":"non_sufficient_funds"}';
my $html = "<html><body>503</body></html>\r\n";
my %funds = (status => 402, code => 'INSUFFICIENT_FUNDS');

my ($version) = qx(${\ ($ENV{TEST_NGINX_BINARY} || 'nginx')} -v 2>&1)
                =~ m{nginx/(\d+\.\d+)\.};

setting(plain => '');
setting(unbuffered => 'proxy_buffering off;');


# An interim answer before the final one.  nginx takes it for the final one,
# 103 aside since 1.29, so that there is nothing to judge.

my $final = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            . 'Content-Length: ' . length($error) . "\r\n\r\n$error";
my $link = "Link: </a.css>; rel=preload\r\n";
my $hints = "HTTP/1.1 103 Early Hints\r\n$link\r\n";

my @interim = (
    [ '102', "HTTP/1.1 102 Processing\r\n\r\n" ],
    [ '100 with a length',
      "HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n" ],
    [ '199', "HTTP/1.1 199 Whatever\r\n\r\n" ],
    [ '103', $hints ],
    [ 'two of 103', $hints . $hints ],
);

for my $case (@interim) {
    my ($name, $bytes) = @$case;

    next if $name =~ /103/ && $version >= 1.29;

    for my $how ([ 'in one piece' ],
                 [ 'in two', split => length $bytes, gap => 0.1 ])
    {
        my ($pieces, %how) = @$how;

        # nginx itself would take the rest for the answer to its next request

        next if $name =~ /length/ && $pieces eq 'in two';

        wire("$name before the answer, $pieces: as without the module",
             at => [ 'plain', 'unbuffered' ], times => 2, same => 1,
             ask => \&bytes, end => 'any', check => sub {
                 return $_[0]{body} =~ m{\AHTTP/1\.1 1\d\d }
                        && $_[0]{body} !~ /^Telephony-/mi
                        ? () : "bytes: $_[0]{body}";
             },
             answer => { raw => $bytes . $final, %how });
    }
}

if ($version >= 1.29) {
    setting(hinted => 'early_hints 1;');

    for my $bytes ($hints, $hints . $hints) {
        wire('early hints before an error, which is judged as ever',
             at => [ 'hinted', 'plain' ], %funds,
             answer => { raw => $bytes . $final });
    }
}

# all that comes on a connection, as a body; without what is the time

sub bytes {
    my ($case, $location) = @_;

    my $socket = TelephonyTest::connection($ENV{TEST_NGINX_SERVER_PORT});

    print $socket "GET $location HTTP/1.1\r\nHost: localhost\r\n"
                  . "X-Case: $case->{id}\r\nConnection: close\r\n\r\n";

    my $bytes = do { local $/; <$socket> } // '';

    $bytes =~ s/^Date: [^\r]*\r\n//m;
    $bytes =~ s/^X-(?:Verdict|Reason): *\r\n//mg;

    return { head => '', line => '', status => '', headers => {},
             body => $bytes, end => 'eof' };
}

wire('the next answer is judged as ever', at => 'plain', %funds,
     answer => { body => $error });


# gRPC: its status stands in the trailers, its HTTP status says nothing

http_block(<<"END");
    server {
        listen unix:$root/grpc.sock http2;

        location / {
            default_type application/grpc;
            add_trailer grpc-status 7;
            return 200 '$error';
        }

        location = /proto {
            default_type application/grpc+proto;
            add_header grpc-status 8;
            return 200;
        }

        location = /status {
            default_type application/grpc;
            add_header grpc-status 14 always;
            return 503 '$error';
        }

        location = /json {
            default_type application/json;
            return 200 '$error';
        }
    }
END

for my $path ('', 'proto', 'status') {
    setting("grpc_$path" => "rewrite ^ /$path break;
                             grpc_pass unix:$root/grpc.sock;", own => 1);

    wire("gRPC is left alone: /$path", at => "grpc_$path", times => 2,
         method => 'POST', body_sent => 'x', same => 1, verdict => '',
         headers => [ 'TE: trailers', 'Content-Type: application/grpc' ],
         unlike => qr/^Telephony-/mi, answer => {});
}

setting(grpc_json => "rewrite ^ /json break;
                      grpc_pass unix:$root/grpc.sock;", own => 1);

wire('JSON that comes by grpc_pass is judged', at => 'grpc_json', %funds,
     answer => {});

run_wire(more => 1);


# njs, before and behind, by the order in which the modules are loaded

my ($njs) = grep { -e } "/usr/lib/nginx/modules/ngx_http_js_module.so",
                        $ENV{TEST_NGINX_NJS} // '';
my $ours = $ENV{TEST_NGINX_LOAD_MODULES};

SKIP: {
    skip 'njs is not installed', 1 if !$njs;

    for my $order ('first', 'last') {
        last if $ours eq '' && $order eq 'last';

        local $ENV{TEST_NGINX_LOAD_MODULES} =
            join ' ', $order eq 'first' ? ($ours, $njs) : ($njs, $ours);

        njs("loaded $order");
    }
}

done_testing();


sub njs {
    my ($order) = @_;

    my $script = "$ENV{TEST_NGINX_SERVROOT}-njs.js";

    open my $out, '>', $script or die "$script: $!\n";
    print $out <<'END';
function header(r) {
    r.headersOut['X-Njs'] = String(r.status);
    delete r.headersOut['Content-Length'];
}

function body(r, data, flags) {
    r.sendBuffer(data.toLowerCase(), flags);
}

function watch(r, data, flags) {
    r.sendBuffer(data, flags);
}

function code(r) {
    return r.variables.telephony_code || 'nothing';
}

function fetch(r) {
    r.subrequest('/on/plain/').then(function (reply) {
        r.return(reply.status, reply.responseText);
    });
}

function said(r) {
    r.return(503, '{"status":"non_sufficient_funds"}');
}

export default { header, body, watch, code, fetch, said };
END
    close $out;

    http_block("js_import t from $script;\njs_set \$njs_code t.code;\n");

    setting(plain => '');
    setting(watched => 'js_header_filter t.header; js_body_filter t.watch;');
    setting(lowered => 'js_header_filter t.header; js_body_filter t.body;');
    setting(told => 'add_header X-Code $njs_code always;');
    setting(said => 'js_content t.said;', own => 1);
    setting(fetch => 'js_content t.fetch;', own => 1);

    for my $framing (qw(length chunked close)) {
        my %how = (framing => $framing, split => 7, gap => 0);

        wire("a success, $order, $framing", times => 2, same => 1,
             at => [ 'plain', 'watched' ],
             answer => { body => $success, %how });
        wire("an error, $order, $framing", times => 2, %funds,
             at => [ 'plain', 'watched' ],
             answer => { body => $error, %how });
        wire("an error status, $order, $framing", times => 2, status => 503,
             code => 'PROVIDER_UNAVAILABLE', at => [ 'plain', 'watched' ],
             answer => { status => 503, body => $html, %how });
        wire("a large success, $order, $framing", times => 2, same => 1,
             at => [ 'plain', 'watched' ],
             answer => { body => '{"status":"success","data":"'
                                 . 'x' x 200_000 . '"}',
                         framing => $framing });
    }

    wire("a body that njs changes, $order", at => 'lowered', status => 402,
         like => qr/^Telephony-Code: INSUFFICIENT_FUNDS/m,
         check => sub {
             return $_[0]{body} =~ /"code":"insufficient_funds"/i ? ()
                    : "body: $_[0]{body}";
         },
         answer => { body => $error });

    wire("njs reads the verdict, $order", at => 'told', %funds,
         like => qr/^X-Code: INSUFFICIENT_FUNDS/m, answer => { body => $error });

    wire("what njs answers by itself is not touched, $order", at => 'said',
         times => 2, same => 1, status => 503, verdict => '', answer => {});

    wire("nor is what it fetched, $order", at => 'fetch', times => 2, same => 1,
         status => 200, body => $error, verdict => '',
         answer => { body => $error });

    wire("the vendor dies while the header is held, $order",
         at => [ 'plain', 'watched' ], status => 503,
         code => 'PROVIDER_UNAVAILABLE', answer => { body => $error,
                                                     cut => 20 });

    run_wire(more => 1);

    unlink $script;
}
