#!/usr/bin/env perl

# The page of telephony_errors_metrics, in a real browser.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();
use TelephonyBrowser;
use Test::More;

my $port = $ENV{TEST_NGINX_SERVER_PORT};
my $page = "http://127.0.0.1:$port/page";
my $source = "$TelephonyTest::root/ngx_module";

is(system("$TelephonyTest::root/auto/page", '--check'), 0,
   'the headers that are compiled are made of their pages');

my $config = <<'END';
events { }

http {
    access_log off;
    telephony_errors_zone "<i>zone</i> & \"more\"" 256k;
    include $TEST_NGINX_CATALOGS/*.conf;

    server {
        listen 127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
        return 200 '{"status":"$arg_code","result":"$arg_code",
                     "motivo":"$arg_code","mensagem":"$arg_text"}';
    }

    server {
        listen 127.0.0.1:$TEST_NGINX_SERVER_PORT;
        proxy_set_header Accept-Encoding gzip;

        location /page {
            telephony_errors_metrics;
        }

        location ~ ^/(voipms|mango|totalvoice|voipnow|fonedynamics)/ {
            telephony_errors $1;
            proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;
        }
    }
}
END

my $nginx = TelephonyTest::start_nginx($config);

sub ask {
    my ($uri, $accept) = @_;

    return TelephonyTest::http($port,
        "GET $uri HTTP/1.1\r\nHost: localhost\r\n"
        . 'Accept: ' . ($accept // '*/*') . "\r\nConnection: close\r\n\r\n");
}

# what the page says, without a browser

{
    my (undef, $head, $empty) = ask('/page', 'text/html');

    like($empty, qr/Every code that came has a row/,
         'a page without counters says so');
    like($empty, qr/&lt;i&gt;zone&lt;\/i&gt; &amp; &quot;more&quot;/,
         'names are escaped');
    unlike($empty, qr/<i>zone/, 'and never markup');
    like($head, qr/^Content-Security-Policy: default-src 'none';/m,
         'the page has a policy');
    unlike($head, qr/unsafe/, 'which allows nothing that is unsafe');

    ask("/voipms/?code=$_") for ('success') x 40, 'no_sms',
        ('non_sufficient_funds') x 3, 'invalid_did', 'missing_method',
        ('brand_new_code') x 2, 'no<b>code</b>', '';
    ask("/mango/?code=$_") for ('1000') x 12, '1121', '1122', '2219', '1090';
    ask("/totalvoice/?code=$_") for ('SUCESSO') x 3, 'SALDO_INSUFICIENTE';
    ask('/voipnow/?code=x');
    ask('/fonedynamics/?code=x');

    my (undef, undef, $full) = ask('/page', 'text/html');

    for my $text (qw(INSUFFICIENT_FUNDS brand_new_code (other) voipms.conf),
                  '<data value="3">3</data>')
    {
        (my $plain = $full) =~ s/<wbr>//g;
        like($plain, qr/\Q$text\E/, "the page shows $text");
    }

    unlike($full, qr/<b>code/, 'nothing of the vendor becomes markup');
    unlike($full, qr{(?:src|href|action)="(?!\?|data:,)},
           'the page refers to nothing elsewhere');
}

SKIP: {
    my $browser = TelephonyBrowser->start
                  or skip 'chromium is missing: auto/deps test', 1;

    look($browser, $_) for [ 390, 0 ], [ 390, 1 ], [ 768, 0 ], [ 1280, 0 ],
                           [ 1280, 1 ];
    without_script($browser);
    sorting($browser);
    keeping_fresh($browser);

    $browser->stop;
}

# Opens the page and fails if the browser complains of something.

sub open_page {
    my ($browser, $what, %options) = @_;

    $browser->open("$page?format=html", %options);

    is(join("\n", $browser->complaints), '', "$what: nothing to complain of");
    is(join("\n", grep { index $_, "http://127.0.0.1:$port/page" }
                  $browser->requests),
       '', "$what: no request elsewhere");
}

sub look {
    my ($browser, $case) = @_;

    my ($width, $dark) = @$case;
    my $what = "$width pixels" . ($dark ? ', dark' : '');

    open_page($browser, $what, width => $width, dark => $dark);

    cmp_ok($browser->value('document.documentElement.scrollWidth'), '<=',
           $width, "$what: nothing sticks out");

    is($browser->faint, '', "$what: text stands out from its ground");
    is($browser->dark ? 1 : 0, $dark, "$what: the colours are those asked for");
    is($browser->untold_tables, '', "$what: every table tells what it is");
    is($browser->value(<<'END'), '', "$what: every chart has a size");
Array.from(document.querySelectorAll("svg")).filter(function (svg) {
    var box = svg.getBoundingClientRect();

    return box.width < 20 || box.height < 3
        || !(svg.getAttribute("aria-label")
             || svg.getAttribute("aria-hidden"));
}).map(function (svg) { return svg.outerHTML; }).join("\n")
END

    $browser->picture("$TelephonyTest::build/test/page-$width"
                      . ($dark ? '-dark' : '') . '.png');
}

sub without_script {
    my ($browser) = @_;

    open_page($browser, 'without script', noscript => 1);

    is($browser->value('document.querySelectorAll("tbody tr").length > 15'),
       JSON::PP::true, 'without script: all the tables are there');
    is($browser->value('document.querySelectorAll("button:not([hidden])")'
                       . '.length'),
       0, 'without script: there is nothing that does nothing');
}

sub sorting {
    my ($browser) = @_;

    open_page($browser, 'with script');

    my $click = 'document.getElementById("t-providers1").click()';
    my $order = 'Array.from(document.querySelectorAll('
                . '"#t-providers tbody tr"), '
                . '(row) => row.cells[0].textContent).join(" ")';
    my $column = 'document.querySelector("#t-providers th[aria-sort]")';

    is($browser->value($order), 'fonedynamics mango totalvoice voipms voipnow',
       'providers stand by name');

    $browser->value($click);

    like($browser->value($order), qr/^voipms mango totalvoice /,
         'a click on a number sorts by it, the largest first');
    is($browser->value("$column.getAttribute('aria-sort')"), 'descending',
       'which is told');

    $browser->value($click);

    like($browser->value($order), qr/ totalvoice mango voipms$/,
         'another click turns it round');
}

sub keeping_fresh {
    my ($browser) = @_;

    my $count = 'document.querySelector("#t-providers1").closest("table")'
                . '.querySelector("tbody tr:last-child data").value';

    is($browser->value($count), 50, 'before');

    ask('/voipms/?code=success') for 1 .. 5;

    $browser->value('document.getElementById("live").click()');

    for (1 .. 200) {
        last if $browser->value($count) == 55;
        select undef, undef, undef, 0.05;
    }

    is($browser->value($count), 55, 'Live brings what was counted since');
    is($browser->value('document.getElementById("live")'
                       . '.getAttribute("aria-pressed")'),
       'true', 'which is told');
    like($browser->value(
             'document.querySelector("#t-providers tbody").textContent'),
         qr/voipms.*\z/s, 'the order that was chosen stays');
    is(join("\n", $browser->complaints), '', 'Live: nothing to complain of');
}

unlike($nginx->error_log, qr/\[(?:alert|crit|emerg)\]/, 'a clean error log');

$nginx->stop;

done_testing();
