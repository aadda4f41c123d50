#!/usr/bin/env perl

# The unified codes as pages and JSON: telephony_errors_reference.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();
use TelephonyBrowser;
use Test::More;
use JSON::PP;

my $port = $ENV{TEST_NGINX_SERVER_PORT};

# A catalog with all that narrows a row, a local file that wins over it, and
# texts that would be markup.

my $config = <<'END';
events { }

http {
    access_log off;
    telephony_errors_zone counters 256k;
    include $TEST_NGINX_CATALOGS/*.conf;

    telephony_codes {
        X_DESCRIBED  418  TIMEOUT  safe  "Title with <b>markup</b>"
            "Described with <i>markup</i> & more.";
        X_ALONE      419  TIMEOUT  no    "Nothing leads here";
    }

    telephony_catalog acme {
        code     c;
        message  m;
        scope    $arg_scope;
        alias    17 SeventeeN;
        success  Fine;
        absent   X_DESCRIBED "No code at all";
        error    CamelCase SeventeeN  X_DESCRIBED "As <u>written</u>";
        error    Mixed scope=SubUser status=404 "message=Extension {No} exists"
                 X_DESCRIBED "Extension {No} is there";
        error    Mixed status=4xx X_DESCRIBED;
        error    12xx Miss_* X_DESCRIBED "Of a kind";
        notice   Later X_DESCRIBED "Not now";
        error    Replaced X_DESCRIBED "The base's";
        status   418 X_DESCRIBED "By the status";
    }

    telephony_catalog acme {
        error    REPLACED X_DESCRIBED "The operator's";
    }

    server {
        listen 127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
        return 200 '{"c":"$arg_code","status":"$arg_code"}';
    }

    server {
        listen 127.0.0.1:$TEST_NGINX_SERVER_PORT;
        proxy_set_header Accept-Encoding gzip;

        location /errors/ {
            telephony_errors_reference;
        }

        location "/other errors/" {
            telephony_errors_reference;

            if ($arg_if) {
                set $x 1;
            }

            rewrite ^/[^/]+/rewritten$ /elsewhere/unknown break;
        }

        location /metrics {
            telephony_errors_metrics;
        }

        location /every/ {
            telephony_errors every;
            telephony_errors_type_base /errors;
            proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
        }
    }

    server {
        listen 127.0.0.1:$TEST_NGINX_SERVER_PORT;
        server_name alone;

        location /metrics {
            telephony_errors_metrics;
        }
    }

    telephony_catalog every {
        code c;
        # every
    }
}
END

sub ask {
    my ($uri, %options) = @_;

    my $method = $options{method} || 'GET';
    my $host = $options{host} || 'localhost';
    my $more = join '', map { "$_\r\n" } @{ $options{headers} || [] };

    return TelephonyTest::http($port,
        "$method $uri HTTP/1.1\r\nHost: $host\r\n${more}"
        . "Connection: close\r\n\r\n");
}

sub json {
    my ($uri) = @_;

    my ($status, undef, $body) = ask("$uri?format=json");

    return $status == 200 ? decode_json($body) : undef;
}

# A catalog that leads to every code of an error.

my @names = map { /^ {4}([A-Z_0-9]+) +\d{3} / ? $1 : () }
            split /\n/,
            TelephonyTest::slurp("$TelephonyTest::root/catalogs/codes.conf");
my @errors = grep { !/^(?:OK|PARTIAL_FAILURE|CALL_ENDED)$/ } @names;
my $rows = join "\n", map { '    error ' . lc . " $_;" } @errors;

$config =~ s/# every/$rows/;

my $nginx = TelephonyTest::start_nginx($config);

subtest 'the index' => sub {
    my ($status, $head, $body) = ask('/errors/');

    is($status, 200, 'the status');
    like($head, qr{^Content-Type: text/html; charset=utf-8\r$}m,
         'HTML unless something else is asked for');
    like($head, qr{^Vary: Accept\r$}m, 'which is told to caches');
    like($head, qr{^X-Content-Type-Options: nosniff\r$}m, 'and no other');
    like($head, qr/^Content-Security-Policy: default-src 'none';/m,
         'the page has a policy');
    unlike($head, qr/unsafe|script-src/, 'which allows no script');

    my $codes = json('/errors/')->{codes};

    is_deeply([ map { $_->{code} } @$codes ],
              [ @names, qw(X_DESCRIBED X_ALONE) ],
              'JSON has all the codes, in their order');

    my ($code) = grep { $_->{code} eq 'INSUFFICIENT_FUNDS' } @$codes;

    is_deeply({ %$code, description => 1 },
              { code => 'INSUFFICIENT_FUNDS', slug => 'insufficient-funds',
                status => 402, category => 'PAYMENT_REQUIRED', retry => 'no',
                title => 'Insufficient funds', description => 1 },
              'and what belongs to them');

    for my $code (@$codes) {
        (my $name = $code->{code}) =~ s/_/_<wbr>/g;

        like($body, qr{<a\ href="$code->{slug}"><code>$name</code></a></th>
                       <td>$code->{status}</td><td>$code->{retry}</td>}x,
             "the page has $code->{code}, and a link");
    }

    is(() = $body =~ />NOT_<wbr>FOUND<\/h2>/g, 1, 'a category stands once');
};

subtest 'a code' => sub {
    my ($status, undef, $body) = ask('/errors/x-described');
    my $code = json('/errors/x-described');
    my ($acme) = grep { $_->{name} eq 'acme' } @{ $code->{providers} };
    my @rows = map {
        my $row = $_;
        join '|', map { $row->{$_} // '-' } qw(match verdict code scope status
                                               message sentence);
    } @{ $acme->{rows} };

    is($status, 200, 'the status');
    is($code->{status}, 418, 'the HTTP status');
    is($code->{retry}, 'safe', 'the retry advice');
    is($code->{category}, 'TIMEOUT', 'the category');
    is($code->{description}, 'Described with <i>markup</i> & more.',
       'the description');
    is(@{ $code->{providers} }, 1, 'no provider that does not lead here');

    is_deeply([ sort @rows ], [ sort
        'exact|error|CamelCase|-|-|-|As <u>written</u>',
        'exact|error|SeventeeN|-|-|-|As <u>written</u>',
        'message|error|Mixed|SubUser|404|Extension {No} exists|'
            . 'Extension {No} is there',
        'exact|error|Mixed|-|4xx|-|-',
        'class|error|12xx|-|-|-|Of a kind',
        'pattern|error|Miss_*|-|-|-|Of a kind',
        'exact|notice|Later|-|-|-|Not now',
        "exact|error|REPLACED|-|-|-|The operator's",
        'absent|error|-|-|-|-|No code at all',
        'status|error|-|-|418|-|By the status' ],
        'the rows as they are written, the operator\'s instead of the base\'s');

    unlike($body, qr/<(?:b|i|u)>/, 'no text becomes markup');
    like($body, qr/Described with &lt;i&gt;markup&lt;\/i&gt; &amp; more/,
         'the page tells the description');

    for my $text ('>CamelCase<', '>SubUser<', '>404<', '>4xx<',
                  '>Extension {No} exists<', 'Extension {No} is there',
                  '>12xx<', '>Miss_<wbr>*<', 'The operator&#39;s',
                  'By the status', '>418<')
    {
        like($body, qr/\Q$text\E/, "the page shows $text");
    }

    like(ask_body('/errors/x-alone'), qr/No code of a provider/,
         'a code that nothing leads to says so');
    is_deeply([ map { $_->{status} }
                @{ json('/errors/method-not-allowed')->{any_provider} } ],
              [ 405 ], 'an HTTP status that means the code by itself');
};

sub ask_body {
    return (ask(@_))[2];
}

subtest 'nothing secret' => sub {
    my @slugs = map { $_->{slug} } @{ json('/errors/')->{codes} };
    my $all = join '', map { ask_body("/errors/$_"),
                             ask_body("/errors/$_?format=json") } '', @slugs;

    unlike($all, qr/\.conf|\Q$TelephonyTest::root\E/, 'no path of a file');
    unlike($all, qr{(?:src|href|action)="(?!\?|data:,|[a-z0-9-]+"|\./")},
           'no link elsewhere');
};

subtest 'methods, formats and names' => sub {
    for my $uri ('/errors/unknown-name', '/errors/insufficient_funds',
                 '/errors/INSUFFICIENT_FUNDS', '/errors/insufficient-funds/',
                 '/errors/x/insufficient-funds', '/errors/%2e%2e%2f',
                 '/errors/insufficient-funds%20', '/errors/insufficient-fund')
    {
        is((ask($uri))[0], 404, "$uri is not found");
    }

    my ($status, $head) = ask('/errors/', method => 'POST');

    is($status, 405, 'POST is not allowed');
    like($head, qr/^Allow: GET, HEAD\r?$/m, 'the others are named');

    is((ask('/errors/?format=xml'))[0], 400, 'an unknown format');

    for (['application/json', 'application/json'],
         ['application/json;q=0.5, text/html;q=0.4', 'application/json'],
         ['text/html,application/xhtml+xml,*/*;q=0.8', 'text/html'],
         ['*/*', 'text/html'])
    {
        my ($accept, $type) = @$_;
        my (undef, $head) = ask('/errors/ok', headers => [ "Accept: $accept" ]);

        like($head, qr/^Content-Type: \Q$type\E/m, "Accept: $accept");
    }

    my (undef, $get) = ask('/errors/insufficient-funds');
    my ($ok, $only, $body) = ask('/errors/insufficient-funds',
                                 method => 'HEAD');
    s/^Date:[^\n]*\n//m for $get, $only;

    is($ok, 200, 'HEAD');
    is($only, $get, 'has the header of GET');
    is($body, '', 'and no body');

    my ($moved, $where) = ask('/errors');

    is($moved, 301, 'without its slash the location is found');
    like($where, qr{^Location: \S+/errors/\r$}m, 'by a redirect');
};

subtest 'it is sent once' => sub {
    my (undef, $head) = ask('/errors/insufficient-funds');
    my ($etag) = $head =~ /^ETag: ("[0-9a-f]{32}")\r$/m;

    ok($etag, 'there is an ETag');
    like($head, qr/^Cache-Control: no-cache\r$/m, 'which has to be asked for');

    my ($status, $short, $body) = ask('/errors/insufficient-funds',
                              headers => [ "If-None-Match: \"x\", $etag" ]);

    is($status, 304, 'not modified');
    is($body, '', 'no body');
    like($short, qr/^ETag: \Q$etag\E\r$/m, 'the same ETag');
    is((ask('/errors/insufficient-funds', method => 'HEAD',
            headers => [ "If-None-Match: $etag" ]))[0], 304, 'nor for HEAD');
    is((ask('/errors/insufficient-funds?format=json',
            headers => [ "If-None-Match: $etag" ]))[0], 200,
       'another format is another content');
    is((ask('/errors/ok', headers => [ "If-None-Match: $etag" ]))[0], 200,
       'and so is another code');
};

subtest 'an "if" and a rewrite in the location' => sub {
    is((ask('/other%20errors/ok'))[0], 200, 'a page');
    is((ask('/other%20errors/ok?if=1'))[0], 200, 'the same inside of the if');
    is((ask('/other%20errors/rewritten'))[0], 404, 'a path from elsewhere');
};

subtest 'every type of an envelope opens' => sub {
    for my $name (@errors) {
        my (undef, undef, $body) = ask('/every/?code=' . lc $name);
        my $envelope = decode_json($body);
        my ($status, undef, $page) = ask($envelope->{type});

        is("$envelope->{code} $status", "$name 200", $envelope->{type});
        (my $plain = $page) =~ s/<wbr>//g;
        like($plain, qr/<p class="faint"><code>$name</, 'which is its page');
    }
};

subtest 'the page of the counters' => sub {
    ask("/every/?code=$_") for qw(insufficient_funds no_results);

    my $page = ask_body('/metrics?format=html');

    like($page, qr{<a href="/errors/">All codes</a>}, 'leads to the index');
    like($page, qr{<a href="/errors/insufficient-funds">INSUFF}, 'and a code');
    unlike(ask_body('/metrics?format=html', host => 'alone'), qr{/errors/},
           'not where its server has no reference');
};

SKIP: {
    my $browser = TelephonyBrowser->start
                  or skip 'chromium is missing: auto/deps test', 1;

    for my $width (390, 1280) {
        for my $dark (0, 1) {
            look($browser, $_, $width, $dark)
                for '/errors/', '/errors/x-described',
                    '/errors/invalid-parameter', '/metrics';
        }
    }

    $browser->open("http://127.0.0.1:$port/errors/", noscript => 1);
    like($browser->value('document.querySelector("th a").href'),
         qr{/errors/ok$}, 'without script: links lead to the codes');

    $browser->stop;
}

sub look {
    my ($browser, $path, $width, $dark) = @_;

    my $what = "$path, $width pixels" . ($dark ? ', dark' : '');
    my $page = "http://127.0.0.1:$port$path";

    $browser->open("$page?format=html", width => $width, dark => $dark);

    is(join("\n", $browser->complaints), '', "$what: nothing to complain of");
    is(join("\n", grep { index $_, $page } $browser->requests),
       '', "$what: no request elsewhere");
    cmp_ok($browser->value('document.documentElement.scrollWidth'), '<=',
           $width, "$what: nothing sticks out");
    is($browser->stuck_out, '', "$what: nor out of its cell");
    is($browser->faint, '', "$what: text stands out from its ground");
    is($browser->dark ? 1 : 0, $dark, "$what: the colours are those asked for");
    is($browser->untold_tables, '', "$what: every table tells what it is");

    (my $name = $path) =~ s{\W+}{-}g;

    $browser->picture("$TelephonyTest::build/test/reference$name-$width"
                      . ($dark ? '-dark' : '') . '.png');
}

unlike($nginx->error_log, qr/\[(?:alert|crit|emerg)\]/, 'a clean error log');

$nginx->stop;

# what nginx -t refuses

for ([ 'location /errors', 'needs a location whose name is the beginning' ],
     [ 'location = /errors/', 'needs a location whose name is the beginning' ],
     [ 'location ~ ^/errors/', 'needs a location whose name is the beginning' ],
     [ 'location @errors/', 'needs a location whose name is the beginning' ],
     [ 'location /errors/', '"telephony_errors_reference" directive is dup',
       'telephony_errors_reference;' ],
     [ 'location /errors/', 'without any telephony_codes: include the catalogs',
       '', 'without' ])
{
    my ($location, $says, $more, $without) = @$_;
    my $include = $without ? '' : 'include $TEST_NGINX_CATALOGS/*.conf;';

    $more //= '';

    # nginx says it on the terminal, too

    open my $terminal, '>&', \*STDERR or die "stderr: $!\n";
    open STDERR, '>', '/dev/null';

    eval { TelephonyTest::start_nginx(<<"END") };
events { }
http {
    $include
    server {
        listen 127.0.0.1:\$TEST_NGINX_SERVER_PORT;
        $location { telephony_errors_reference; $more }
    }
}
END

    open STDERR, '>&', $terminal;

    like($@, qr/\Q$says\E.* in \S+nginx\.conf:\d+$/m,
         "$location is refused: $says");
}

done_testing();
