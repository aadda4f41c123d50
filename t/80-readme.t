# The README's examples, run as they stand: each nginx block is taken out of the
# file by the words before it, put into an nginx, and asked.  Only the hosts of
# the vendors, the ports and the log's place are replaced.

use strict;
use warnings;

use lib 't/lib';

use JSON::PP;
use Test::More;
use TelephonyTest ();
use TelephonyUpstream;

my $upstream_port = $ENV{TEST_NGINX_UPSTREAM_PORT};
my $port = $ENV{TEST_NGINX_SERVER_PORT};

my $binary = $ENV{TEST_NGINX_BINARY} || 'nginx';
my $readme = slurp("$TelephonyTest::root/README.md");

# the vendor: what it answers is said by the request

my %asked;

my $upstream = TelephonyUpstream->start($upstream_port, sub {
    my ($request) = @_;

    my ($answer) = $request->{uri} =~ /[?&]answer=([^&]*)/;
    my ($status) = $request->{uri} =~ /[?&]status=(\d+)/;

    # one call, several vendors: what each of them says, and what it got

    if ((my $call = $request->{headers}{'x-call'} // '') =~ /^(.*?): (.*)/) {
        my ($id, $says) = ($1, $2);
        my @answers = split /; /, $says;

        my $body = $answers[ $asked{$id}++ ] // '{"too":"often"}';
        my $status = $body =~ s/^(\d{3}) // ? $1 : 200;

        return { status => $status, body => $body,
                 headers => [ "X-Asked: $asked{$id}", "X-Uri: $request->{uri}",
                              map { "X-Got-$_: $request->{headers}{lc $_}" }
                              grep { $request->{headers}{lc $_} }
                              qw(Access-Token Authorization X-Given-Up) ] };
    }

    ($answer //= '{}') =~ s/%([0-9a-f]{2})/chr hex $1/gei;

    my ($wait) = $request->{uri} =~ /[?&]wait=(\d+)/;

    return { status => $status // 200, body => $answer,
             headers => $wait ? [ "Retry-After: $wait" ] : [] };
});

subtest 'what it does: the answer before and behind' => sub {
    my $nginx = nginx('## Configure it');
    my ($status, $head, $body) = ask('/voipms/',
                                     '{"status":"non_sufficient_funds"}');
    my ($block) = $readme =~ /Behind the module.*?```http\n(.*?)```/s;
    my ($shown, $json) = split /\n\n/, $block, 2;

    is($status, 402, 'the status');

    for my $line (grep { /^(?:Telephony|Content|Cache)/ } split /\n/, $shown) {
        like($head, qr/^\Q$line\E\r?$/m, $line);
    }

    $_ = decode_json($_) for $json, $body;
    $_->{instance} =~ s/[0-9a-f]/0/g for $json, $body;
    is_deeply($body, $json, 'the envelope');
};

subtest 'install: the codes and one vendor are enough' => sub {
    my $nginx = nginx('**Only what you need.**');

    code('/twilio/', '{"code":21211,"message":"?"}', 400,
         'INVALID_PHONE_NUMBER');
    code('/twilio/', '{"sid":"SM1"}', 200, undef);
};

subtest 'catalogs/README.md: every catalog in it is accepted, with its examples' => sub {
    my $text = slurp("$TelephonyTest::root/catalogs/README.md");
    my @blocks = grep { /^telephony_catalog/m }
                 $text =~ /```nginx\n(.*?)```/gs;

    ok(@blocks > 8, 'blocks');

    for my $block (@blocks) {
        my $nginx = eval { TelephonyTest::start_nginx(<<"END") };
events { }
http {
    include $ENV{TEST_NGINX_CATALOGS}/*.conf;
    access_log off;
    $block
    server { listen 127.0.0.1:$port; }
}
END
        ok($nginx, (split /\n/, $block)[1]) or diag $@;
        $nginx->stop if $nginx;
    }
};

subtest 'telephony_envelope: clients that read another shape' => sub {
    my $nginx = nginx('#### telephony_envelope');
    my ($status, undef, $body) = ask('/voipnow/',
                    '{"error":{"code":"access_denied","message":"no"}}', 401);

    is($status, 401, 'the status');
    is($body, '{"error":{"code":"INVALID_CREDENTIALS","message":"no",'
              . '"status":401,"retry":false}}', 'the shape');
};

subtest 'telephony_errors_hide_provider: the vendor is not named' => sub {
    my $nginx = nginx('#### telephony_errors_hide_provider');
    my ($status, $head, $body) = ask('/voipms/', '{"status":"invalid_ivr"}');

    is($status, 400, 'the status');
    like($head, qr/^Telephony-Code: INVALID_PARAMETER\r?$/m, 'the code');
    unlike("$head$body", qr/provider|voipms/i, 'no word of the vendor');
};

subtest 'a catalog, and one that extends another' => sub {
    my $nginx = nginx('## Catalogs', <<'END', 2);
location /acme/ {
    telephony_errors acme;
    proxy_pass http://127.0.0.1:8081;
}
location /mango/ {
    telephony_errors mango;
    proxy_pass http://127.0.0.1:8081;
}
END
    code('/acme/', '{"error":{"code":"E43"}}', 402, 'INSUFFICIENT_FUNDS');
    code('/acme/', '{"error":"missing_to"}', 400, 'MISSING_PARAMETER');
    code('/acme/', '{"error":1234}', 429, 'RATE_LIMITED');
    code('/acme/', '{"items":[]}', 200, undef);
    code('/acme/', '{"error":{"code":"E50","message":"Extension 7 exists"}}',
         409, 'ALREADY_EXISTS');
    code('/mango/', '{"result":1090}', 503, 'PROVIDER_UNAVAILABLE');
};

subtest 'members of an object, their names, and something that is there' => sub {
    my $nginx = nginx('**Members and presence.**', <<'END');
location /bulk/ {
    telephony_errors bulk;
    proxy_pass http://127.0.0.1:8081;
}
END
    code('/bulk/', '{"sms":{"7925":{"code":207}}}', 403,
         'DESTINATION_NOT_ALLOWED');
    code('/bulk/', '{"sms":{"7925":{"code":207},"7499":{"code":100}}}', 200,
         'PARTIAL_FAILURE');
    code('/bulk/', '{"rejected":["7499"]}', 200, 'PARTIAL_FAILURE');

    my (undef, undef, $body) = ask('/bulk/', '{"code":400,"errors":'
                                             . '{"to":["is not valid"]}}', 422);

    is_deeply(decode_json($body)->{errors},
              [ { field => 'to', detail => 'is not valid' } ],
              'the name and what is wrong with it');
};

subtest 'unified codes: the closed list, and codes of one\'s own' => sub {
    my ($list) = $readme =~ /^The category is one of a closed list.*?\n\n(.*?)\n\n/ms;
    my @named = sort $list =~ /`(\w+)`/g;
    my %shipped = map { $_ => 1 }
                  slurp("$TelephonyTest::root/catalogs/codes.conf")
                  =~ /^ +[A-Z]\w+ +\d{3} +([A-Z]\w+) /mg;

    is(scalar @named, 15, 'fifteen categories');
    is_deeply(\@named, [ sort keys %shipped ], 'those of the shipped codes');

    my @reserved = map { slurp($_) =~ /^(?:telephony_catalog x_|\s*X_\w+ +\d{3})/m
                         ? $_ : () } glob "$TelephonyTest::root/catalogs/*.conf";

    is("@reserved", '', 'no x_ in what is shipped');

    my $nginx = nginx('## Unified codes', <<'END', 2);
location /one/ {
    telephony_errors one;
    proxy_pass http://127.0.0.1:8081;
}
}
telephony_catalog one {
    code c;
    success 0;
    error 1 X_FLAGGED;
    error 2 CALL_NOT_ACTIVE;
}
telephony_codes {
END
    code('/one/', '{"c":1}', 403, 'X_FLAGGED');
    code('/one/', '{"c":2}', 410, 'CALL_NOT_ACTIVE');
};

subtest 'log it: a JSON log with all variables' => sub {
    my $nginx = nginx('**Log it.**', <<'END');
location / {
    telephony_errors totalvoice;
    proxy_pass http://127.0.0.1:8081;
}
END
    ask('/chamada', '{"motivo":9,"mensagem":"saldo \"x\" insuficiente"}', 402);

    my $line;

    for (1 .. 100) {
        $line = eval { slurp($nginx->root . '/logs/telephony.log') };
        last if $line;
        select undef, undef, undef, 0.05;
    }

    my $log = decode_json($line);

    is($log->{verdict}, 'error', 'the verdict');
    is($log->{provider_code}, 'SALDO_INSUFICIENTE', 'the code');
    is($log->{provider_message}, 'saldo "x" insuficiente', 'the text');
    like($log->{rule}, qr/totalvoice\.conf:\d+$/, 'the row');
    unlike($line, qr/answer=/, 'no query');
};

subtest 'count it: Prometheus text' => sub {
    my $nginx = nginx('**Count it.**', <<'END');
location / {
    telephony_errors voipms;
    proxy_pass http://127.0.0.1:8081;
}
END
    ask('/', '{"status":"invalid_ivr"}');

    my ($status, undef, $body) = ask('/telephony');

    is($status, 200, 'the status');
    like($body, qr/^telephony_responses_total\{provider="voipms",
                   verdict="error",code="INVALID_PARAMETER"\}\ 1$/mx,
         'the counter');
};

subtest 'explain it: from an unknown code to a row' => sub {
    my $nginx = nginx('**Explain it.**');
    my ($status, undef, $body) = post('/explain/mango?status=200',
                                      '{"result":7001}');

    is($status, 200, 'the status');
    is(decode_json($body)->{code}, 'UNKNOWN', 'unknown at first');

    undef $nginx;

    $nginx = nginx('**Explain it.**', '', 2);
    (undef, undef, $body) = post('/explain/mango', '{"result":7001}');
    is(decode_json($body)->{code}, 'SERVICE_NOT_ENABLED', 'then mapped');
};

subtest 'recipe: a gateway that owns the credentials' => sub {
    my $nginx = nginx('**A gateway that owns the credentials.**');

    code('/voipms/', '{"status":"invalid_credentials"}', 502,
         'INVALID_CREDENTIALS');
    code('/voipms/', '{"status":"missing_credentials"}', 502,
         'UNAUTHENTICATED');
    code('/voipms/', '{"status":"invalid_ivr"}', 400, 'INVALID_PARAMETER');
};

subtest 'recipe: Retry-After by unified code' => sub {
    my $nginx = nginx('**Retry-After by unified code**');

    my (undef, $head) = ask('/mango/', '{"result":5008}', 200);
    like($head, qr/^Retry-After: 5\r?$/m, 'where a pause helps');

    (undef, $head) = ask('/mango/?wait=77', '{"result":5008}', 200);
    is(join(',', $head =~ /^Retry-After: (\d+)\r?$/mg), 77,
       'the vendor\'s own is kept');

    (undef, $head) = ask('/mango/', '{"result":2240}', 200);
    unlike($head, qr/^Retry-After/m, 'and nowhere else');

    (undef, $head) = ask('/mango/', '{"result":1000}', 200);
    unlike($head, qr/^Retry-After/m, 'nor on success');
};

subtest 'recipe: a challenge of your own' => sub {
    my $nginx = nginx('**A challenge of your own**', <<'END');
location / {
    telephony_errors mango;
    proxy_pass http://127.0.0.1:8081;
}
END
    my ($status, $head) = ask('/', '{"result":3105}', 200);

    is($status, 401, 'the status');
    like($head, qr/^WWW-Authenticate: Mango-Key realm="gateway"\r$/m,
         'the challenge');
};

subtest 'recipe: the provider by tenant' => sub {
    my $nginx = nginx('**The provider by tenant:**');

    is(tenant('acme', '{"status":"invalid_ivr"}'), 400, 'one tenant');
    is(tenant('globex', '{"error":{"code":"expired_token"}}'), 401,
       'another one');
    is(tenant('globex', '{"status":"invalid_ivr"}'), 200,
       'each by its own vendor');
    is(tenant('other', '{"status":"invalid_ivr"}'), 200, 'off for others');
};

subtest 'recipe: cached upstreams' => sub {
    my $nginx = nginx('**Cached upstreams.**');

    for my $turn (1, 2) {
        code('/voipms/', '{"status":"invalid_ivr"}', 400,
             'INVALID_PARAMETER');
    }

    my $kept = $nginx->root . '/cache-telephony';

    is_deeply([ glob "$kept/*" ], [ ], 'no error is kept');

    ask('/voipms/', '{"status":"success"}');
    is(() = glob("$kept/*"), 1, 'a good answer is');
};

subtest 'recipe: an empty list as 404' => sub {
    my $nginx = nginx('**An empty list as 404**');

    code('/voipms/', '{"status":"no_cdr"}', 404, 'NO_RESULTS');
};

subtest 'recipe: a canary' => sub {
    my $nginx = nginx('**A canary:**');
    my $bad = '{"motivo":9,"mensagem":"saldo insuficiente"}';
    my ($status, $head) = ask('/totalvoice/', $bad, 403);

    # 127.0.0.1 falls into the one part or the other, always the same

    ok($status == 402 || $status == 403, 'the envelope, or as it came');
    like($head, qr/^Telephony-Code: INSUFFICIENT_FUNDS\r$/m,
         'with the headers in any case');

    my %seen = map { (ask('/totalvoice/', $bad, 403, "127.0.0.$_"))[0] => 1 }
               1 .. 60;
    is_deeply([ sort keys %seen ], [ 402, 403 ], 'some clients of each');
};

subtest 'recipe: a type that opens' => sub {
    my $nginx = nginx('**A `type` that opens.**');
    my (undef, undef, $body) = ask('/voipms/',
                                   '{"status":"non_sufficient_funds"}');
    my $type = decode_json($body)->{type};

    is($type, '/errors/insufficient-funds', 'the type');

    my ($status, undef, $page) = ask($type);

    is($status, 200, 'opens');
    like($page, qr/<h1>Insufficient funds</, 'and tells of the code');
    like($page, qr/non_<wbr>sufficient_<wbr>funds/, 'and what leads to it');
    is((ask('/errors/'))[0], 200, 'and so does the index');
};

subtest 'recipe: all errors in one shape' => sub {
    my $nginx = nginx('**All errors in one shape**', 'client_max_body_size 1;');
    my ($status, undef, $body) = post('/mango/', 'too much');

    is($status, 413, 'nginx refuses the request');
    is(decode_json($body)->{code}, 'PAYLOAD_TOO_LARGE', 'in the envelope');
};

{
    my ($all) = $readme =~ /^\| `\$telephony_reason` \|(.*)/m;
    my ($table) = $readme =~ /^#### The reasons\n(.*?)^#/ms;

    is_deeply([ sort map { /`(\w+)`/g } $table =~ /^\| (`[^|]*) \|/mg ],
              [ sort $all =~ /`(\w+)`/g ],
              'troubleshooting: every reason has its remedy');
}

# nginx itself says these, so it is asked

SKIP: {
    my $module = (split ' ', $ENV{TEST_NGINX_LOAD_MODULES})[0]
                 or skip 'the module is in the binary', 1;

    subtest 'troubleshooting: nginx says what is quoted' => sub {
        says('unknown directive', 'events { } http { telephony_codes { } }');
        says('is already loaded', "load_module $module; load_module $module;
                                   events { }");
        says('too late', "events { } http { } load_module $module;");

        my ($said) = `$binary -v 2>&1` =~ m{nginx/(\d+\.\d+\.\d+)};
        my ($x, $y, $z) = split /\./, $said;
        my $so = slurp($module);
        my $file = "$TelephonyTest::build/test/other-$port.so";
        my $load = "load_module $file; events { }";

        my $version = pack 'J', $x * 1_000_000 + $y * 1_000 + $z;

        (my $other = $so) =~ s/\Q$version/pack 'J', 1_000_000/ge;
        TelephonyTest::spew($file, $other);
        says('instead of', $load);

        ($other = $so) =~ s/\b(8,4,\d,[01]{8})([01])/$1 . (1 - $2)/e
            or die "no signature\n";
        TelephonyTest::spew($file, $other);
        says('binary compatible', $load);

        unlink $file;
    };
}

subtest 'how it is built: what is named is there' => sub {
    my ($text) = $readme =~ /^## How it is built\n(.*?)^## /ms;
    my $root = $TelephonyTest::root;

    my @folders = $text =~ /^\| `(\w+)\/` \|/mg;
    my @there = map { m{(\w+)/$} } glob "$root/ngx_module/*/";

    is("@{[ sort @folders ]}", "@{[ sort @there ]}", 'every folder');

    my ($table) = $text =~ /^(\| folder .*?)\n\n/ms;

    for my $number ($table =~ /`(\d\d)`/g) {
        ok(scalar(() = glob "$root/t/$number-*.t"), "t/$number");
    }

    for my $file ($text =~ /`(\w+\/[\w.-]+\.\w+)`/g) {
        ok(-e "$root/ngx_module/$file" || -e "$root/$file", $file);
    }
};

my $poor = '{"motivo":9,"mensagem":"saldo insuficiente"}';
my $fine = '{"sucesso":true,"motivo":0}';

subtest 'telephony_errors_intercept' => sub {
    my $nginx = nginx('#### telephony_errors_intercept');

    given_up('/totalvoice/sms', 'a', "$poor; $fine", 200, 2,
             qr/^X-Got-Access-Token: of the second account\r?$/m);
    given_up('/totalvoice/sms', 'b', "$poor; $poor", 402, 2,
             qr/^Telephony-Code: INSUFFICIENT_FUNDS\r?$/m);
    given_up('/totalvoice/sms', 'c', $fine, 200, 1, qr{^X-Uri: /sms\r?$}m);
};

subtest 'recipe: another account when this one says no' => sub {
    my $nginx = nginx('**Another account when this one says no.**');

    given_up('/totalvoice/sms', 'd', "$poor; $fine", 200, 2,
             qr/^X-Got-Access-Token: of the second account\r?$/m);
    given_up('/totalvoice/sms', 'e', '{"motivo":11,"mensagem":"ramal"}', 400, 1,
             qr/^Telephony-Code: /m);
};

subtest 'recipe: another host when this one is down' => sub {
    my $nginx = nginx('**Another host when this one is down.**');
    my $down = '503 {}';

    given_up('/voipnow/a', 'f', "$down; {}", 200, 2, qr{^X-Uri: /a\r?$}m);
    given_up('/voipnow/a', 'g', "$down; $down", 503, 2,
             qr/^Telephony-Code: PROVIDER_UNAVAILABLE/m);
    given_up('/voipnow/a', 'h', $down, 503, 1,
             qr/^Telephony-Code: PROVIDER_UNAVAILABLE/m, 'POST');
};

subtest 'recipe: another vendor' => sub {
    my $nginx = nginx('**Another vendor**');

    given_up('/sms?from=1&to=2&text=a%20b', 'i', "$poor; {\"status\":\"success\"}",
             200, 2, qr{^X-Uri:\ /api/v1/rest\.php\?method=sendSMS&did=1&dst=2
                        &message=a%20b\r?$}mx);
    given_up('/sms?from=1&to=2&text=a%20b', 'j',
             "$poor; {\"status\":\"invalid_did\"}", 400, 2,
             qr/^Telephony-Provider: voipms\r?$/m);
};

subtest 'recipe: a queue when all are down' => sub {
    my $nginx = nginx('**A queue when all are down.**');

    given_up('/totalvoice/sms', 'k', "$poor; $poor; {}", 200, 3,
             qr/^X-Got-X-Given-Up: totalvoice:INSUFFICIENT_FUNDS, totalvoice:INSUFFICIENT_FUNDS\r?$/m,
             'POST');
    given_up('/totalvoice/sms', 'l', "$poor; $fine", 200, 2,
             qr/^X-Got-Access-Token: of the second account\r?$/m);
};

subtest 'recipe: a server that says "unavailable"' => sub {
    my $nginx = nginx('**A server that says "unavailable" in a 200**');

    code('/mango/', '{"result":1000}', 200, undef);
};

subtest 'recipe: a page of your own' => sub {
    my $nginx = nginx('**A page of your own**');
    my ($status, undef, $body) = ask('/voipms/',
                                     '{"status":"invalid_credentials"}');

    is($status, 502, 'the status');
    is($body, '{"sorry":"INVALID_CREDENTIALS"}', 'the page');
    code('/voipms/', '{"status":"invalid_ivr"}', 400, 'INVALID_PARAMETER');
};

$upstream->stop;

done_testing();


# nginx refuses a configuration in the words that the README quotes.

sub says {
    my ($words, $config) = @_;

    my ($quoted) = $readme =~ /^\| `([^`]*\Q$words\E[^`]*)` \|/m
        or return fail("\"$words\" is in the README");

    my $file = "$TelephonyTest::build/test/says-$port.conf";

    TelephonyTest::spew($file, "pid $file.pid;\n$config\n");

    my $said = `$binary -t -e stderr -c $file 2>&1`;

    # names and numbers are examples

    my $pattern = join '\d+', map { quotemeta } split /\d+/, $quoted;

    like($said, qr/$pattern/, $quoted);
    unlink $file;
}

sub slurp {
    my ($file) = @_;

    open my $in, '<', $file or die "$file: $!\n";

    local $/;
    return <$in>;
}

# An nginx with the first blocks behind some words of the README, and more.

sub nginx {
    my ($words, $more, $count) = @_;

    my $from = index $readme, $words;
    die "no \"$words\" in the README\n" if $from < 0;

    my @blocks = substr($readme, $from) =~ /```nginx\n(.*?)```/gs;
    my $text = join "\n", @blocks[0 .. ($count // 1) - 1];

    $text =~ s/server 127\.0\.0\.1:808\d/server 127.0.0.1:$upstream_port/g;
    $text =~ s{proxy_pass\s+https?://(?!vendors)[^/;\s]+(/\S*)?;}
              {'proxy_pass http://127.0.0.1:' . $upstream_port
               . ($1 ? '/' : '') . ';'}ge;
    $text =~ s/^\s*load_module.*\n//mg;
    $text =~ s/^\s*proxy_ssl\w*\s+[^;]*;//mg;
    $text =~ s{/var/log/nginx/}{logs/}g;
    $text =~ s{/var/cache/nginx}{cache}g;
    $text =~ s/127\.0\.0\.1:(?:8080|9145)/127.0.0.1:$port/g;
    $text =~ s{include telephony/}{include $ENV{TEST_NGINX_CATALOGS}/}g;

    ($more //= '') =~ s/127\.0\.0\.1:8081/127.0.0.1:$upstream_port/g;

    if ($text !~ /^http \{/m) {
        my $listen = "listen 127.0.0.1:$port;";

        # a block that begins with a location stands in a server

        if ($text =~ /^location/m && $text !~ /^server/m) {
            my ($catalogs) = $text =~ /^(telephony_catalog.*)/ms;
            $catalogs //= '';
            $text =~ s/^telephony_catalog.*//ms;
            $text = "$catalogs\nserver { $listen $more\n$text }";

        } elsif ($text !~ s/^server \{/server { $listen $more/m) {
            $text .= "\nserver { $listen $more }";

        } elsif ($text =~ /listen.*listen/s) {
            $text =~ s/\Q$listen\E//;
        }

        $text = 'access_log off; ' . $text if $text !~ /access_log/;
        $text = "include $ENV{TEST_NGINX_CATALOGS}/*.conf;\n$text"
            if $text !~ /^include/m;
        $text = "events { }\nhttp {\n$text\n}\n";
    }

    return TelephonyTest::start_nginx($text);
}

sub ask {
    my ($path, $answer, $status, $from) = @_;

    if (defined $answer) {
        $answer =~ s/([^\w])/sprintf '%%%02x', ord $1/ge;
        $path .= ($path =~ /\?/ ? '&' : '?') . "answer=$answer"
                 . ($status ? "&status=$status" : '');
    }

    return raw("GET $path HTTP/1.1\r\nHost: localhost\r\n"
               . "Connection: close\r\n\r\n", $from);
}

sub post {
    my ($path, $body) = @_;

    return raw("POST $path HTTP/1.1\r\nHost: localhost\r\n"
               . "Connection: close\r\nContent-Length: " . length($body)
               . "\r\n\r\n$body");
}

sub raw {
    my ($request, $from) = @_;

    return TelephonyTest::http($port, $request) if !$from;

    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                       PeerPort => $port,
                                       LocalAddr => $from)
        or die "no connection from $from: $!\n";

    print $socket $request;

    local $/;
    my ($head, $body) = split /\r\n\r\n/, scalar(<$socket>), 2;
    my ($status) = $head =~ m{^HTTP/1\.1 (\d+)};

    return ($status, $head, $body);
}

# One call: what the vendors say in turn, and what the client gets after so many.

sub given_up {
    my ($path, $call, $says, $status, $times, $like, $method) = @_;

    $method //= 'GET';

    my ($got, $head) = raw("$method $path HTTP/1.1\r\nHost: localhost\r\n"
                           . "X-Call: $call: $says\r\nConnection: close\r\n"
                           . ($method eq 'POST' ? "Content-Length: 0\r\n" : '')
                           . "\r\n");
    my ($asked) = $head =~ /^X-Asked: (\d+)\r$/m;

    is($got, $status, "$says: $status");
    is($asked // $times, $times, "asked $times times");
    like($head, $like, 'the answer of the right one');
}

sub tenant {
    my ($name, $answer) = @_;

    $answer =~ s/([^\w])/sprintf '%%%02x', ord $1/ge;

    return (raw("GET /pbx/?answer=$answer HTTP/1.1\r\nHost: localhost\r\n"
                . "X-Tenant: $name\r\nConnection: close\r\n\r\n"))[0];
}

sub code {
    my ($path, $answer, $want, $code) = @_;

    my ($status, $head) = ask($path, $answer);
    my ($got) = $head =~ /^Telephony-Code: (\S+)\r$/m;

    is($status, $want, "$answer is $want");
    is($got, $code, "$answer is " . ($code // 'good'));
}
