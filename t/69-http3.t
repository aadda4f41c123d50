# HTTP/3: what is judged, replaced, passed and given up goes to clients of QUIC as
# to all others.  Needs an nginx and a curl that are built with it: those of
# Debian 13 are (auto/matrix).

use strict;
use warnings;

use lib 't/lib';
use TelephonyCurl;
use TelephonyTest ();
use TelephonyUpstream;
use TelephonyWire;

use Digest::MD5 qw(md5_hex);
use Test::More;

my $missing = no_http3();

plan skip_all => $missing if $missing;

my $root = "$ENV{TEST_NGINX_SERVROOT}-own";
my $port = $ENV{TEST_NGINX_SERVER_PORT};
my $key = "$ENV{TEST_NGINX_SERVROOT}-key.pem";

END { unlink $key, "$key.crt" if defined $key }

system("openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 2"
       . " -keyout $key -out $key.crt 2>/dev/null") == 0
    or BAIL_OUT('openssl makes no certificate');

http_block(<<"END");
    telephony_catalog vendor {
        code     status;
        success  success;
        error    non_sufficient_funds  INSUFFICIENT_FUNDS;
        notice   no_sms                NO_RESULTS;
    }

    log_format said '\$http_x_case \$server_protocol \$status \$upstream_status';
    access_log $root/logs/said.log said;

    proxy_set_header X-Place first;
    proxy_set_header Connection "";
    client_body_buffer_size 8k;
END

server(<<"END");
    listen 127.0.0.1:$port quic;
    ssl_certificate $key.crt;
    ssl_certificate_key $key;

    add_header X-Verdict \$telephony_verdict always;
    add_header X-Reason \$telephony_reason always;
    add_header X-Intercepted \$telephony_intercepted always;
END

server(<<"END");
    location \@second_{side} {
        telephony_errors vendor;
        proxy_set_header X-Place second;
        proxy_set_header Connection "";
        proxy_pass http://vendor;
    }
END

my $next = 'telephony_errors_intercept all;
            error_page 400 402 503 = @second_{side};';

my %buffers = (
    plain => '',
    unbuffered => 'proxy_buffering off;',
    small => 'proxy_buffer_size 1k; proxy_buffers 2 1k;
              proxy_busy_buffers_size 1k; proxy_max_temp_file_size 0;',
    threads => 'aio threads; aio_write on; sendfile off;',
);

my @modes = sort keys %buffers;
my @next = map { "next_$_" } @modes;

for my $mode (@modes) {
    setting($mode => $buffers{$mode}, provider => 'vendor');
    setting("next_$mode" => "$buffers{$mode} $next", provider => 'vendor');
}

# Debian 13's curl has QUIC by OpenSSL, and one of a thousand of its requests is
# never sent, to a plain nginx neither: what did not arrive is sent again.

my @patience = ('--max-time', 15);
my $once = by_curl(3, "https://127.0.0.1:$port", @patience);

my $curl = sub {
    my ($case, $location) = @_;
    my $answer;

    for (1 .. 3) {
        my @before = (noted(), ended($case->{id}));

        $answer = $once->($case, $location);

        last if $answer->{end} !~ /^no answer/;

        wait_until(sub { noted() > $before[0] });

        last if ended($case->{id}) > $before[1];
    }

    return $answer;
};

my $success = '{"status":"success","did":[1,2,3]}';
my $late = '{"did":[{"a":"status"},2,3],"status":"success"}';
my $error = '{"status":"non_sufficient_funds"}';
my $notice = '{"status":"no_sms"}';
my $html = '<html><body>{"status":"invalid_did"}</body></html>';
my $big = '{"status":"success","list":"' . 'x' x 300_000 . '"}';
my $big_late = '{"list":"' . 'x' x 300_000 . '","status":"invalid_did"}';
my $big_error = '{"status":"non_sufficient_funds","list":"'
                . 'x' x 300_000 . '"}';

my %funds = (status => 402, code => 'INSUFFICIENT_FUNDS');

sub ask {
    my ($title, %case) = @_;

    wire("HTTP/3: $title", ask => $curl, at => \@modes, %case);
}


# judged as over HTTP/1.1

for my $framing (qw(length chunked close)) {
    my %as = (framing => $framing);

    ask("a success, $framing", same => 1, status => 200, verdict => 'success',
        body => $success, answer => { body => $success, %as });
    ask("a success whose code comes last, $framing", same => 1, body => $late,
        verdict => 'success', answer => { body => $late, %as });
    ask("a large success, $framing", same => 1, body => $big,
        verdict => 'success', answer => { body => $big, %as });
    ask("beyond the window, $framing", same => 1, body => $big_late,
        reason => 'window', answer => { body => $big_late, %as });
    ask("no JSON, $framing", same => 1, reason => 'not_json', body => $html,
        answer => { body => $html, %as });
    ask("an empty body, $framing", same => 1, status => 200,
        answer => { body => '', %as });
    ask("a success that is compressed, $framing", same => 1, status => 200,
        verdict => 'success', answer => { body => $success, gzip => 1, %as });
    ask("a notice, $framing", status => 200, body => $notice,
        notice => 'NO_RESULTS', answer => { body => $notice, %as });

    ask("an error, $framing", %funds, answer => { body => $error, %as });
    ask("an error, byte by byte, $framing", %funds,
        answer => { body => $error, %as, split => 1, gap => 0 });
    ask("an error that is compressed, $framing", %funds,
        answer => { body => $error, gzip => 1, %as });
    ask("a large error, $framing", %funds,
        answer => { body => $big_error, %as });
    ask("nobody waits for what stands behind its code, $framing", %funds,
        answer => { body => $big_error, cut => 20_000, then => 'stall', %as });
    ask("an error status, $framing", status => 500, code => 'INTERNAL',
        answer => { status => 500, body => $html, %as });
}

ask('HEAD of a success', same => 1, method => 'HEAD', status => 200,
    reason => 'head', answer => { body => $success });
ask('HEAD of an error status', method => 'HEAD', status => 503,
    code => 'PROVIDER_UNAVAILABLE', answer => { status => 503, body => $html });
ask('no content', same => 1, status => 204,
    answer => { status => 204, body => '' });
ask('the vendor dies while the header is held', status => 503,
    code => 'PROVIDER_UNAVAILABLE', answer => { body => $error, cut => 10 });
ask('a status line that nginx cannot read', status => 502,
    code => 'BAD_PROVIDER_RESPONSE', unlike => qr/FORGED/,
    answer => { raw => "HTTP/1.1 404: Not Found\r\n"
                       . "Telephony-Code: FORGED\r\n\r\n$html" });


# given up for another vendor; "calls" are those that the vendors get

sub hand {
    my ($title, %case) = @_;

    my $calls = delete $case{calls};
    my %says = (second => { body => $success }, %{ delete $case{says} });
    my $id;

    my $check = sub {
        my $got = join ' ', calls_of($id);

        return (ref $calls eq 'ARRAY' ? $got eq "@$calls" : $got =~ $calls)
               ? () : "the vendors got: $got";
    };

    ask($title, at => \@next, %case, check => $check, answer => sub {
        my ($request) = @_;

        my $place = $request->{headers}{'x-place'};
        my $what = length $request->{body} ? ':' . md5_hex($request->{body})
                                           : '';

        note_call($request, "$place/$request->{method}$what");

        my $answer = $says{$place};

        return ref $answer eq 'CODE' ? $answer->($request) : $answer;
    });

    $id = $TelephonyWire::cases[-1]{id};
}

my %second = (status => 200, body => $success, verdict => 'success',
              like => qr/^X-Intercepted: vendor:INSUFFICIENT_FUNDS\r?$/m,
              calls => [qw(first/GET second/GET)]);

for my $framing (qw(length chunked close)) {
    my %as = (framing => $framing);

    hand("an error in 200 goes to the second, $framing", %second,
         says => { first => { body => $error, %as } });
    hand("an error status goes to the second, $framing", %second,
         says => { first => { status => 402, body => 'x' x 30_000, %as } });
    hand("it goes on behind its code, $framing", %second,
         says => { first => { body => $big_error, %as } });
    hand("it stalls behind its code, $framing", %second,
         says => { first => { body => $big_error, cut => 20_000,
                              then => 'stall', %as } });
    hand("its coding cannot be read, $framing", %second,
         says => { first => { status => 402, body => 'x' x 3000, %as,
                              headers => ['Content-Encoding: unknown'] } });
    hand("a large second answer, $framing", %second, body => $big,
         says => { first => { body => $error },
                   second => { body => $big, %as } });
}

hand('the first dies', %second,
     says => { first => { body => $big_late, cut => 2000 } },
     like => qr/^X-Intercepted: vendor:PROVIDER_UNAVAILABLE\r?$/m);
hand('a success stays with the first', status => 200, body => $late,
     verdict => 'success', says => { first => { body => $late } },
     unlike => qr/^X-Intercepted/m, calls => ['first/GET']);

for my $size (10, 50_000, 300_000) {
    my $body = join '', map { chr(32 + ($_ * 7919) % 90) } 1 .. $size;
    my $md5 = md5_hex($body);
    my %post = (method => 'POST', body_sent => $body);

    hand("POST of $size bytes arrives whole at both", %second, %post,
         says => { first => { body => $error } },
         calls => [ "first/POST:$md5", "second/POST:$md5" ]);
    hand("POST of $size bytes that may have acted is not repeated", %post,
         says => { first => { body => $big_late, cut => 2000 } },
         status => 503, code => 'PROVIDER_UNAVAILABLE',
         calls => ["first/POST:$md5"]);
}

my %both = (status => 503, code => 'PROVIDER_UNAVAILABLE',
            like => qr/^X-Intercepted: vendor:INSUFFICIENT_FUNDS\r?$/m,
            unlike => qr/^X-Vendor/m, calls => [qw(first/GET second/GET)]);

hand('both fail: the envelope of the second', %both,
     says => { first => { body => $error, headers => ['X-Vendor: first'] },
               second => { status => 503, body => $html } });
hand('the second dies', %both,
     says => { first => { body => $error },
               second => { body => $big_late, cut => 2000 } });


# many streams on one connection

sub side_by_side {
    my ($case, $location) = @_;

    my $got = '';

    for (1 .. 3) {
        $got = streams($case, $location);
        last if $got ne '100 of HTTP/0 000';
    }

    return { status => '', head => '', body => '', headers => {}, end => $got };
}

sub streams {
    my ($case, $location) = @_;

    open my $out, '-|', curl_command(3, $case, '-Z', '--parallel-max', 20,
        @patience, (map { ('-o', '/dev/null') } 1 .. 100),
        '-w', '%{http_version} %{http_code} %{num_connects}\n',
        "https://127.0.0.1:$port$location?[1-100]")
        or die "curl: $!\n";

    my (%seen, $connections);

    while (<$out>) {
        my ($version, $status, $new) = split;

        $seen{"HTTP/$version $status"}++;
        $connections += $new;
    }

    close $out;

    return join(', ', map { "$seen{$_} of $_" } sort keys %seen)
           . ($connections > 50 ? ', a connection each' : '');
}

my %many = (ask => \&side_by_side);

ask('errors side by side', %many, end => '100 of HTTP/3 402',
    answer => { body => $error });
ask('successes side by side', %many, end => '100 of HTTP/3 200',
    answer => { body => substr $big, 0, 20_000 });
hand('given up side by side', %many, end => '100 of HTTP/3 200',
     says => { first => { body => $error } },
     calls => qr{^(?:(?:first|second)/GET ?){200}$});


# a client that goes away, and the worker has noticed when it logs the request;
# the same question is asked once more then

sub leaves {
    my ($at, @how) = @_;

    return sub {
        my ($case, $location) = @_;

        my $ended = ended($case->{id});
        my @calls;

        # it waits for longer if the vendor has not been asked yet

        for my $seconds (1, 2, 4, 8, 16) {
            system curl_command(3, $case, '-o', '/dev/null', '--max-time',
                                $seconds, @how,
                                "https://127.0.0.1:$port$location");

            @calls = TelephonyWire::noted_calls($case->{id});

            last if grep { /^$at/ } @calls;
        }

        $ended += grep { /^first/ } @calls;

        my $late = !wait_until(sub { ended($case->{id}) >= $ended });
        my $answer = $curl->({ %$case, headers => ['X-Next: 1'] }, $location);

        $answer->{end} = 'the request went on' if $late;

        return $answer;
    };
}

# requests that the log has: all, and those of a case

sub noted {
    return scalar(() = TelephonyTest::slurp("$root/logs/said.log") =~ m{^}mg);
}

sub ended {
    my ($id) = @_;

    return scalar(() = TelephonyTest::slurp("$root/logs/said.log")
                       =~ m{^\Q$id\E HTTP/3}mg);
}

sub wait_until {
    my ($done) = @_;

    for (1 .. 2000) {
        return 1 if $done->();
        select undef, undef, undef, 0.01;
    }

    return 0;
}

sub then {
    my ($before, $after) = @_;

    return sub { $_[0]{headers}{'x-next'} ? $after : $before };
}

my %stall = (body => $big_late, cut => 100, then => 'stall');

hand('a client that leaves while the first is silent: no second call',
     %second, ask => leaves('first'),
     says => { first => then({ %stall }, { body => $error }) },
     calls => qr{^(?:first/GET )+second/GET$});
hand('a client that leaves while the second is silent', %second,
     ask => leaves('second'),
     says => { first => { body => $error },
               second => then({ %stall }, { body => $success }) },
     calls => qr{^(?:first/GET second/GET ?){2,}$});
hand('a client that leaves in the middle of a success', status => 200,
     ask => leaves('first', '--limit-rate', 1000), body => $late,
     says => { first => then({ body => $big }, { body => $late }) },
     calls => qr{^(?:first/GET ?){2,}$});
hand('a client that leaves in the middle of the second answer', %second,
     ask => leaves('second', '--limit-rate', 1000),
     says => { first => { body => $error },
               second => then({ body => $big }, { body => $success }) },
     calls => qr{^(?:first/GET second/GET ?){2,}$});

run_wire();
