# Telephony-* of a vendor reach no client, wherever they stand: in trailers, in
# early hints, behind a page of errors.  See TelephonyWire.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();
use TelephonyWire;

use Test::More;

my $success = '{"status":"success"}';
my $error = '{"status":"invalid_did"}';

my @forged = ('Telephony-Code: FORGED', 'telephony-category: FORGED',
              'TELEPHONY-RETRYABLE: FORGED', 'Telephony-Provider: FORGED',
              'Telephony-Provider-Code: FORGED');
my @others = ('X-Check: 1', 'Telephony-Codes: 2', 'T: 3');

my ($major, $minor, $patch) =
    `@{[ $ENV{TEST_NGINX_BINARY} || 'nginx' ]} -v 2>&1` =~ /(\d+)\.(\d+)\.(\d+)/
    or die "no nginx\n";
my $version = $major * 1_000_000 + $minor * 1000 + $patch;

http_block(<<"END");
    proxy_cache_path $ENV{TEST_NGINX_SERVROOT}-own/cache keys_zone=c:1m;
    proxy_cache_key \$uri\$http_x_case;
END


# an error, a success, what is not judged, what is not read

my @answers = (
    { body => $success }, { body => '<html>' }, { body => $error },
    { status => 302, body => $error },
    { headers => [ 'Content-Type: text/event-stream' ], body => $error },
    { headers => [ 'Content-Encoding: zstd' ], body => $error },
);

my @ways = qw(plain unbuffered observe cache);

setting(plain => '');
setting(unbuffered => 'proxy_buffering off;');
setting(observe => 'telephony_errors_observe on;');
setting(cache => 'proxy_cache c; proxy_cache_valid any 1h;');
setting(by_header => '', provider => '$http_x_provider');

for my $answer (@answers) {
    my $what = join ', ', map { ref ? @$_ : $_ } sort { "$a" cmp "$b" }
                                                 values %$answer;

    wire("no forged header: $what", at => [ @ways, 'by_header' ], times => 2,
         headers => [ 'X-Provider: voipms' ], unlike => qr/FORGED/,
         like => [ qr/^X-Check: 1/m, qr/^Telephony-Codes: 2/m, qr/^T: 3/m ],
         answer => { %$answer, headers => [ @{ $answer->{headers} // [] },
                                            @forged, @others ] });
}

wire('where the module is off by a variable they pass', at => 'by_header',
     headers => [ 'X-Provider: off' ], like => qr/^Telephony-Code: FORGED/m,
     answer => { body => $success, headers => \@forged });


# trailers, which nginx passes on since 1.27.2

if ($version >= 1_027_002) {
    my $on = 'proxy_pass_trailers on;';
    my @te = ('TE: trailers', 'Connection: TE');

    setting(trailers => $on);
    setting(trailers_unbuffered => "$on proxy_buffering off;");
    setting(trailers_observe => "$on telephony_errors_observe on;");
    setting(trailers_own => "$on add_trailer Telephony-Code \$telephony_code
                                             always;");
    setting(trailers_by_header => $on, provider => '$http_x_provider');

    for my $answer (@answers) {
        my $what = join ', ', map { ref ? @$_ : $_ } sort { "$a" cmp "$b" }
                                                     values %$answer;
        my $replaced = ($answer->{body} eq $error && 1 == keys %$answer);

        wire("no forged trailer: $what",
             at => [ qw(trailers trailers_unbuffered trailers_observe
                        trailers_by_header) ],
             times => 2, headers => [ @te, 'X-Provider: voipms' ],
             check => sub {
                 my $trailers = $_[0]{trailers} // '';

                 return ($trailers =~ /FORGED/ ? $trailers : (),
                         $replaced || $trailers =~ /X-Check: 1/ ? ()
                         : "other trailers are gone: $trailers");
             },
             answer => { %$answer, framing => 'chunked',
                         trailers => [ @forged, @others ] });
    }

    wire('a trailer that the operator adds', at => 'trailers_own',
         headers => \@te, check => sub {
             return ($_[0]{trailers} // '') =~ /^Telephony-Code: OK\r$/m
                    ? () : "trailers: " . ($_[0]{trailers} // 'none');
         },
         answer => { body => $success, framing => 'chunked',
                     trailers => [ @forged, @others ] });

    wire('where the module is off by a variable they pass as trailers',
         at => 'trailers_by_header', headers => [ @te, 'X-Provider: off' ],
         check => sub {
             return ($_[0]{trailers} // '') =~ /FORGED/ ? () : 'no trailer';
         },
         answer => { body => $success, framing => 'chunked',
                     trailers => \@forged });
}


# early hints, since 1.29.0

if ($version >= 1_029_000) {
    setting(hints => 'early_hints 1;');
    setting(hints_by_header => 'early_hints 1;',
            provider => '$http_x_provider');

    my $final = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                . 'Content-Length: ' . length($success) . "\r\n\r\n$success";

    for my $more ([ @others ], [ ]) {
        wire('no forged early hint, ' . @$more . ' others',
             at => [ qw(hints hints_by_header) ],
             headers => [ 'X-Provider: voipms' ], ask => \&all_of_it,
             body => $success, end => 'any', check => sub {
                 my ($answer) = @_;

                 return ($answer->{all} =~ /FORGED/ ? $answer->{all} : (),
                         @$more && $answer->{all} !~ /103 .*X-Check: 1/s
                         ? "no hint: $answer->{all}" : ());
             },
             answer => { raw => join("\r\n", 'HTTP/1.1 103 Early Hints',
                                     @forged, @$more, '', '') . $final });
    }

    wire('where the module is off by a variable they pass as hints',
         at => 'hints_by_header', headers => [ 'X-Provider: off' ],
         ask => \&all_of_it, end => 'any', check => sub {
             return $_[0]{all} =~ /FORGED/ ? () : 'no hint';
         },
         answer => { raw => join("\r\n", 'HTTP/1.1 103 Early Hints', @forged,
                                 '', '') . $final });
}

sub all_of_it {
    my ($case, $location) = @_;

    my $connection = connect_to();

    $connection->send_bytes(request_of($case, $location,
                                       headers => [ 'Connection: close' ]));
    $connection->more while !$connection->{over};

    my $all = $connection->left;
    my $answer = $connection->response('GET');

    $answer->{all} = $all;
    return $answer;
}

run_wire(more => 1);


# A filter behind the module may refuse the envelope: what follows is the page
# for that, of nginx or of another vendor.

my $images = '/usr/lib/nginx/modules/ngx_http_image_filter_module.so';

SKIP: {
    skip 'the image filter is not installed', 1
        if !-e $images || $ENV{TEST_NGINX_LOAD_MODULES} eq '';

    local $ENV{TEST_NGINX_LOAD_MODULES} =
        "$images $ENV{TEST_NGINX_LOAD_MODULES}";

    setting(refused => 'image_filter_buffer 100; image_filter test;');
    setting(refused_page => 'image_filter_buffer 100; image_filter test;
                             error_page 415 /page;');
    setting(refused_other => 'image_filter_buffer 100; image_filter test;
                              error_page 415 = @other_{side};');
    setting(dead => 'image_filter_buffer 100; image_filter test;',
            upstream => '127.0.0.1:$TEST_NGINX_DEAD_PORT');

    server('location = /page { return 200 "page"; }');
    server(<<'END');
        location @other_{side} {
            telephony_errors voipms;
            proxy_set_header X-Turn 1;
            proxy_pass http://vendor;
        }
END

    my $unreadable = { status => 500, body => 'z' x 50, headers => [
                           'Content-Encoding: zstd' ] };

    my %page = (ask => \&and_no_more, status => 415, end => 'nothing more');

    for my $method ('GET', 'HEAD') {
        wire("a refused envelope: nginx's own page, $method", %page,
             at => 'refused', method => $method, unlike => qr/^Telephony-/m,
             answer => $unreadable);

        wire("a refused envelope: the operator's page, $method", %page,
             at => 'refused_page', method => $method,
             unlike => qr/^Telephony-/m, answer => $unreadable);

        wire("a refused envelope of nginx's own error, $method", %page,
             at => 'dead', method => $method);
    }

    wire('a refused envelope: another vendor', at => 'refused_other',
         status => 200, body => $success, unlike => qr/FORGED/,
         like => qr/^X-Check: 1/m,
         answer => [ $unreadable,
                     { body => $success, headers => [ @forged, @others ] } ]);

    run_wire(more => 1);
}

done_testing();

# One answer of the announced length, and nothing of an envelope behind it.

sub and_no_more {
    my ($case, $location) = @_;

    my $connection = connect_to();

    $connection->send_bytes(request_of($case, $location,
                                       headers => [ 'Connection: close' ]));

    my $answer = $connection->response($case->{method});

    $connection->more while !$connection->{over};

    $answer->{end} = $connection->left eq '' ? 'nothing more'
                                             : $connection->left;
    return $answer;
}
