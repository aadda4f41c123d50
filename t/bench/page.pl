#!/usr/bin/env perl
#
# Draws the picture of README: the page of telephony_errors_metrics after some
# thousand answers, in a real browser.
#
#   auto/build && t/bench/page.pl        t/bench/page.png is drawn anew

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use TelephonyBrowser;
use TelephonyTest ();

my ($port, $vendor) = @ENV{qw(TEST_NGINX_SERVER_PORT
                              TEST_NGINX_UPSTREAM_PORT)};

# provider, what it answers, how often

my @day = (
    [ voipms => '{"status":"success"}', 8412 ],
    [ voipms => '{"status":"no_sms"}', 903 ],
    [ voipms => '{"status":"non_sufficient_funds"}', 37 ],
    [ voipms => '{"status":"invalid_did"}', 118 ],
    [ voipms => '{"status":"missing_method"}', 12 ],
    [ voipms => '{"status":"invalid_credentials"}', 4 ],
    [ voipms => '{"status":"sms_blocked_by_carrier"}', 9 ],
    [ mango => '{"result":1000}', 4630 ],
    [ mango => '{"result":1121}', 214 ],
    [ mango => '{"result":1122}', 171 ],
    [ mango => '{"result":2219}', 26 ],
    [ mango => '{"result":5008}', 41 ],
    [ mango => '{"result":7001}', 3 ],
    [ totalvoice => '{"motivo":"SUCESSO"}', 2177 ],
    [ totalvoice => '{"motivo":"SALDO_INSUFICIENTE"}', 15 ],
    [ totalvoice => '{"motivo":"ACESSO_NEGADO"}', 2 ],
    [ voipnow => '{"startIndex":1,"entry":[]}', 1311 ],
    [ voipnow => '{"error":{"code":"expired_token","message":"no"}}', 21 ],
    [ voipnow => '<html>busy</html>', 5 ],
    [ fonedynamics => '{"Message":{}}', 655 ],
    [ fonedynamics => '{"ResponseStatus":{"ErrorCode":"PARAMETER_REQUIRED"}}',
      8 ],
);

my @answers = map { "        location = /$_/ {\n"
                    . "            return 200 '$day[$_][1]';\n        }\n" }
              0 .. $#day;

my $nginx = TelephonyTest::start_nginx(<<"END");
events { }

http {
    access_log off;
    keepalive_requests 100000;
    telephony_errors_zone telephony 1m;
    include \$TEST_NGINX_CATALOGS/*.conf;

    server {
        listen 127.0.0.1:$vendor;

@answers
    }

    server {
        listen 127.0.0.1:$port;

        location = /telephony {
            telephony_errors_metrics;
        }

        location ~ ^/([a-z]+)(/[0-9]+/)\$ {
            telephony_errors \$1;
            proxy_pass http://127.0.0.1:$vendor\$2;
        }
    }
}
END

for my $i (0 .. $#day) {
    my ($provider, undef, $count) = @{ $day[$i] };
    my $request = "GET /$provider/$i/ HTTP/1.1\r\nHost: localhost\r\n";

    TelephonyTest::http($port, "$request\r\n" x ($count - 1)
                               . "${request}Connection: close\r\n\r\n");
}

my $browser = TelephonyBrowser->start
              or die "chromium is missing: auto/deps test\n";

$browser->open("http://127.0.0.1:$port/telephony?format=html", width => 1000);

# the rest has the paths of this machine

$browser->picture("$FindBin::Bin/page.png", '#t-unmapped');
$browser->stop;
$nginx->stop;
