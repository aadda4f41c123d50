#!/usr/bin/env perl

# The counters: telephony_errors_zone and telephony_errors_metrics.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();
use Test::More;
use File::Path ();
use IO::Socket::INET;
use JSON::PP;

my $port = $ENV{TEST_NGINX_SERVER_PORT};

# The vendor is nginx itself: it says what the query asks for.

my $config = <<'END';
worker_processes 2;

events { worker_connections 256; }

http {
    access_log off;
    telephony_errors_zone counters 256k;
    include $TEST_NGINX_CATALOGS/*.conf;

    server {
        listen 127.0.0.1:$TEST_NGINX_UPSTREAM_PORT;

        location /gzip {
            gzip on;
            gzip_min_length 1;
            gzip_types *;
            gzip_http_version 1.0;
            return 200 '{"status":"$arg_code","padding":"$request_uri"}';
        }

        location /html {
            return 200 '<html>$arg_code</html>';
        }

        location /late {
            return 200 '{"data":"$arg_data","status":"$arg_code"}';
        }

        location / {
            return 200 '{"status":"$arg_code","result":"$arg_code"}';
        }
    }

    server {
        listen 127.0.0.1:$TEST_NGINX_SERVER_PORT;

        location /generation {
            return 200 1;
        }

        location = /metrics/twice {
            error_page 405 @metrics;
            telephony_errors_metrics;
        }

        location @metrics {
            telephony_errors_metrics;
        }

        location /metrics {
            telephony_errors_metrics;
        }

        location /dead/ {
            telephony_errors voipms;
            proxy_pass http://127.0.0.1:$TEST_NGINX_DEAD_PORT/;
        }

        location /off/ {
            proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT/;
        }

        location /voipms/ {
            telephony_errors voipms;
            proxy_set_header Accept-Encoding $http_accept_encoding;
            proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT/;
        }

        location /small/ {
            telephony_errors voipms;
            telephony_errors_window 256;
            proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT/;
        }

        location /mango/ {
            telephony_errors mango;
            telephony_errors_observe on;
            proxy_pass http://127.0.0.1:$TEST_NGINX_UPSTREAM_PORT/;
        }

        # further
    }
}
END

sub ask {
    my ($uri, %options) = @_;

    my $method = $options{method} || 'GET';
    my $more = join '', map { "$_\r\n" } @{ $options{headers} || [] };

    return TelephonyTest::http($port,
        "$method $uri HTTP/1.1\r\nHost: localhost\r\n${more}"
        . "Connection: close\r\n\r\n");
}

sub json {
    my ($status, $head, $body) = ask('/metrics?format=json');

    return decode_json($body);
}

sub text {
    my ($status, $head, $body) = ask('/metrics?format=prometheus');

    return $body;
}

sub sample {
    my ($name) = @_;

    return text() =~ /^\Q$name\E (\d+)$/m ? $1 : undef;
}

sub responses {
    my ($provider, $verdict, $code) = @_;

    return sample("telephony_responses_total{provider=\"$provider\","
                  . "verdict=\"$verdict\",code=\"$code\"}");
}

sub provider {
    my ($name) = @_;

    my ($found) = grep { $_->{name} eq $name } @{ json()->{providers} };

    return $found;
}

my $generation = 1;

sub reload {
    my ($nginx, $edit) = @_;

    my $file = $nginx->root . '/nginx.conf';

    open my $in, '<', $file or die "$file: $!\n";
    local $_ = do { local $/; <$in> };
    close $in;

    $edit->();

    $generation++;
    s/return 200 \d+;/return 200 $generation;/;

    open my $out, '>', $file or die "$file: $!\n";
    print $out $_;
    close $out;

    kill 'HUP', $nginx->pid;

    # the old worker may still accept when the new one first answers

    my $new = 0;

    for (1 .. 400) {
        $new = (ask('/generation'))[2] eq $generation ? $new + 1 : 0;
        return 1 if $new == 20;
        select undef, undef, undef, 0.025;
    }

    return 0;
}

sub promtool {
    my ($text, @arguments) = @_;

    my $file = "$ENV{TEST_NGINX_SERVROOT}-promtool";

    open my $out, '>', $file or die "$file: $!\n";
    print $out $text;
    close $out;

    my $said = qx(promtool @arguments 2>&1 <$file);
    my $failed = $?;

    unlink $file;

    return ($failed, $said);
}

# What nginx says of a configuration that it refuses.

sub refused {
    my ($config) = @_;

    open my $stderr, '>&', \*STDERR or die "stderr: $!\n";
    open STDERR, '>', '/dev/null';

    eval { TelephonyTest::start_nginx($config) };

    open STDERR, '>&', $stderr;

    return $@;
}

my $observer = "$ENV{TEST_NGINX_SERVROOT}-prometheus";
my $observer_port;

sub start_prometheus {
    my $free = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1)
               || die "no free port: $!\n";

    $observer_port = $free->sockport;
    close $free;

    File::Path::remove_tree($observer);
    File::Path::make_path($observer);

    open my $out, '>', "$observer/prometheus.yml" or die "$observer: $!\n";
    print $out <<"END";
global:
  scrape_interval: 1s
scrape_configs:
- job_name: nginx
  metrics_path: /metrics
  static_configs:
  - targets: ['127.0.0.1:$port']
END
    close $out;

    my $pid = fork // die "fork: $!\n";

    if ($pid == 0) {
        open STDOUT, '>', "$observer/log";
        open STDERR, '>&', \*STDOUT;
        exec 'prometheus', "--config.file=$observer/prometheus.yml",
             "--storage.tsdb.path=$observer/data",
             "--web.listen-address=127.0.0.1:$observer_port"
            or POSIX::_exit(127);
    }

    return $pid;
}

# The providers for which an expression holds, with its value if that is zero.

sub query {
    my ($expression) = @_;

    $expression =~ s/([^A-Za-z0-9_])/sprintf '%%%02X', ord $1/ge;

    my $answer = eval {
        my (undef, undef, $body) = TelephonyTest::http($observer_port,
            "GET /api/v1/query?query=$expression HTTP/1.1\r\n"
            . "Host: localhost\r\nConnection: close\r\n\r\n");

        decode_json($body);
    };

    return join ' ', sort grep { !/=/ || /^mango/ } map {
        $_->{metric}{provider} . ($_->{value}[1] eq '0' ? '=0' : '')
    } @{ $answer->{data}{result} || [] };
}

sub eventually {
    my ($condition) = @_;

    for (1 .. 240) {
        return 1 if $condition->();
        select undef, undef, undef, 0.25;
    }

    return 0;
}

my $has_promtool = grep { -x "$_/promtool" } split /:/, $ENV{PATH};

my $nginx = TelephonyTest::start_nginx($config);

# what is counted

{
    my $json = json();

    is_deeply($json->{providers}, [], 'nothing is counted before a response');
    is_deeply($json->{unmapped}, [], 'nor is any code unmapped');

    my @missing = grep { (sample($_) // '') ne '0' } map {
        ("telephony_unmapped_total{provider=\"$_\"}",
         "telephony_held_responses_total{provider=\"$_\"}",
         "telephony_held_bytes_total{provider=\"$_\"}",
         "telephony_inflated_total{provider=\"$_\"}",
         "telephony_generated_total{provider=\"$_\"}",
         "telephony_none_total{provider=\"$_\",reason=\"window\"}",
         "telephony_matches_total{provider=\"$_\",match=\"none\"}",
         "telephony_responses_total{provider=\"$_\",verdict=\"none\","
         . "code=\"\"}")
    } map { $_->{provider} } @{ $json->{catalogs} };

    is("@missing", '', 'but the series of every catalog are there, all zero');
    is($json->{zone}{name}, 'counters', 'the zone has its name');
    is($json->{zone}{size}, 262144, 'the zone has its size');

    my %rows = map { $_->{provider} => $_->{rows} } @{ $json->{catalogs} };

    my @shipped = grep { !/codes/ } glob "$ENV{TEST_NGINX_CATALOGS}/*.conf";

    is(scalar(keys %rows), scalar(@shipped), 'every catalog is told');
    cmp_ok($rows{voipms}, '>=', 299, 'with the number of its rows');
    like($json->{catalogs}[0]{file}, qr/\.conf$/, 'and with its file');

    ask('/voipms/?code=success') for 1 .. 3;
    ask('/voipms/?code=non_sufficient_funds') for 1 .. 2;
    ask('/voipms/?code=no_sms');
    ask('/voipms/html?code=success');
    ask('/voipms/?code=brand_new') for 1 .. 4;
    ask('/off/?code=non_sufficient_funds');
    ask('/metrics');

    is(responses('voipms', 'success', 'OK'), 3, 'successes are counted');
    is(responses('voipms', 'error', 'INSUFFICIENT_FUNDS'), 2,
       'errors are counted by unified code');
    is(responses('voipms', 'notice', 'NO_RESULTS'), 1,
       'notices are counted');
    is(responses('voipms', 'none', ''), 1,
       'what was left as it came is counted, without a code');
    is(responses('voipms', 'error', 'UNKNOWN'), 4,
       'unknown codes are counted');
    is(provider('voipms')->{responses}, 11,
       'a location without telephony_errors counts nothing');

    is(sample('telephony_none_total{provider="voipms",reason="not_json"}'), 1,
       'reasons are counted');
    is(sample('telephony_matches_total{provider="voipms",match="exact"}'), 6,
       'kinds of match are counted');
    is(sample('telephony_unmapped_total{provider="voipms"}'), 4,
       'responses with an unmapped code are counted');

    ask('/mango/?code=2210') for 1 .. 5;

    is(responses('mango', 'error', 'QUOTA_EXCEEDED'), 5,
       'observing counts, too');
}

{
    my $before = provider('voipms');

    ask('/voipms/gzip?code=non_sufficient_funds',
        headers => ['Accept-Encoding: gzip']) for 1 .. 2;

    my $after = provider('voipms');

    is($after->{inflated} - $before->{inflated}, 2,
       'inflated responses are counted');
    is($after->{held_responses} - $before->{held_responses}, 2,
       'held responses are counted');
    cmp_ok($after->{held_bytes}, '>', $before->{held_bytes} + 40,
           'with their bytes');

    ask('/small/late?code=success&data=' . 'x' x 300);

    is(provider('voipms')->{none}{window}, 1,
       'a window that was too small is a reason');
}

# the errors of nginx itself

{
    my $before = provider('voipms');

    is((ask('/dead/'))[0], 503, 'nobody answers') for 1 .. 2;

    my $after = provider('voipms');

    is(sample('telephony_generated_total{provider="voipms"}'), 2,
       'errors of the gateway itself are counted');
    is($after->{generated}, 2, 'in the JSON, too');
    is($after->{matches}{none}, $before->{matches}{none},
       'and are no codes without a row');
    is($after->{responses} - $before->{responses}, 2,
       'but are responses like others');
}

# unmapped codes

{
    my ($unmapped) = @{ json()->{unmapped} };

    is($unmapped->{code}, 'brand_new', 'an unmapped code is told');
    is($unmapped->{provider}, 'voipms', 'with its provider');
    is($unmapped->{count}, 4, 'with how often it came');
    is($unmapped->{unified}, 'UNKNOWN', 'with what was answered');
    like($unmapped->{first}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
         'with when it came first');
    cmp_ok($unmapped->{last}, 'ge', $unmapped->{first},
           'and when it came last');

    ask('/voipms/?code=Brand_New');

    is(json()->{unmapped}[0]{count}, 5, 'its case makes no difference');

    ask('/voipms/?code=no<b>code</b>');
    ask('/voipms/?code=' . 'x' x 65);

    is(json()->{unmapped}[0]{code}, '(other)',
       'a code that is not plain is not told');
    is(json()->{unmapped}[0]{count}, 2, 'but counted');

    unlike(text(), qr/brand_new|other|<b>/i,
           'no unmapped code becomes a label');

    ask("/voipms/?code=many_$_") for 1 .. 300;

    my @unmapped = @{ json()->{unmapped} };

    is(scalar @unmapped, 256, 'there are at most 256');
    is($unmapped[0]{code}, 'many_300', 'the latest first');
    ok(!(grep { $_->{code} eq 'brand_new' } @unmapped),
       'the one that was not seen for longest gives way');
}

# formats

{
    my @wanted = (
        [ undef, 'text/plain; version=0.0.4' ],
        [ '*/*', 'text/plain; version=0.0.4' ],
        [ 'application/json', 'application/json' ],
        [ 'text/html', 'text/html; charset=utf-8' ],
        [ 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
          'text/html; charset=utf-8' ],
        [ 'application/openmetrics-text;version=1.0.0,'
          . 'application/openmetrics-text;version=0.0.1;q=0.75,'
          . 'text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
          'text/plain; version=0.0.4' ],
        [ 'text/html;q=0.2, application/json; q=0.7',
          'application/json' ],
        [ 'text/html;q=0, application/json;q=0.001', 'application/json' ],
        [ 'image/png', 'text/plain; version=0.0.4' ],
        [ ', ;q=1,;;,text/html ;q=,application/json;q=x',
          'text/plain; version=0.0.4' ],
    );

    for my $pair (@wanted) {
        my ($accept, $type) = @$pair;
        my (undef, $head) = ask('/metrics', headers =>
                                defined $accept ? ["Accept: $accept"] : []);

        like($head, qr/^Content-Type: \Q$type\E\r?$/m,
             'Accept: ' . ($accept // 'nothing') . " gets $type");
    }

    my %types = (prometheus => 'text/plain', json => 'application/json',
                 html => 'text/html');

    for my $format (sort keys %types) {
        my ($status, $head, $body) = ask("/metrics?format=$format",
            headers => ['Accept: text/html;q=0.9,application/json;q=0.8']);

        like($head, qr/^Content-Type: \Q$types{$format}\E/m,
             "?format=$format stands above Accept");
        like($head, qr/^Cache-Control: no-store\r?$/m,
             "$format is not to be stored");
        like($head, qr/^Vary: Accept\r?$/m, "$format depends on Accept");

        my (undef, $other, $nothing) = ask("/metrics?format=$format",
                                           method => 'HEAD');

        is($nothing, '', "HEAD: $format has no body");
        like($other, qr/^Content-Length: \d+\r?$/m,
             "HEAD: $format has a length");
    }

    my ($bad, $type, $says) = ask('/metrics?format=xml');

    is($bad, 400, 'another format is a bad request');
    like($type, qr{^Content-Type: text/plain\r?$}m, 'with a text');
    like($says, qr/\?format=prometheus, \?format=json or \?format=html/,
         'that tells the formats');

    my ($status, $head) = ask('/metrics', method => 'POST',
                              headers => ['Content-Length: 0']);

    is($status, 405, 'POST is not allowed');
    like($head, qr/^Allow: GET, HEAD\r?$/m, 'and told what is');

    (undef, $head) = ask('/metrics/twice', method => 'POST',
                         headers => ['Content-Length: 0']);

    is(scalar(() = $head =~ /^Allow:/mg), 1,
       'once, where an error_page leads to the counters again');
}

SKIP: {
    skip 'promtool is missing', 2 unless $has_promtool;

    my ($failed, $said) = promtool(text(), qw(check metrics));

    ok(!$failed, 'promtool accepts the metrics') or diag($said);
    is($said, '', 'without a word');
}

{
    my %families;
    my $last = '';
    my @problems;

    for (split /\n/, text()) {
        my ($name) = /^(?:# (?:HELP|TYPE) )?(\w+)/ or next;

        push @problems, $name if $name ne $last && $families{$name}++;
        $last = $name;
    }

    is("@problems", '', 'each family stands in one piece');
}

{
    open my $in, '<', "$TelephonyTest::root/README.md" or die "README: $!\n";
    my $readme = do { local $/; <$in> };
    my %labels;

    my $text = text();

    while ($text =~ /^(telephony_\w+)(?:\{(.*)\})? /mg) {
        my ($name, $labels) = ($1, $2 // '');

        $labels{$name} = join ',', $labels =~ /(\w+)=/g;
    }

    my @missing = grep {
        my $labels = $labels{$_} ? "{$labels{$_}}" : '';

        $readme !~ /^\|.*`\Q$_$labels\E`.*\|$/m
    } sort keys %labels;

    is("@missing", '', 'README has every metric, with its labels');
}

# reloads

{
    my $before = json();

    ok(reload($nginx, sub { }), 'reload');

    my $after = json();

    is_deeply($after->{providers}, $before->{providers},
              'the counters survive a reload');
    is_deeply($after->{unmapped}, $before->{unmapped},
              'and so do the unmapped codes');
    is($after->{zone}{since}, $before->{zone}{since},
       'and the time since when they count');

    ok(reload($nginx, sub {
        s{(include \S+/\*\.conf;)}{$1
            telephony_codes {
                ADDED_LATER 409 CONFLICT no "Added later";
            }
            telephony_catalog voipms {
                error brand_new ADDED_LATER;
            }
            telephony_catalog aaa {
                code status;
                success success;
                error bad ADDED_LATER;
            }};
        s{\# further}{location /aaa/ {
            telephony_errors aaa;
            proxy_pass http://127.0.0.1:$ENV{TEST_NGINX_UPSTREAM_PORT}/;
        }};
    }), 'reload with a further code, row and provider');

    ask('/voipms/?code=brand_new');
    ask('/voipms/?code=success');
    ask('/aaa/?code=bad') for 1 .. 2;

    is(responses('voipms', 'error', 'ADDED_LATER'), 1,
       'a code that a reload brought is counted');
    is(responses('aaa', 'error', 'ADDED_LATER'), 2,
       'and so is a provider');
    is(responses('voipms', 'success', 'OK'), 4,
       'next to what was counted before');

    my ($rows) = map { $_->{rows} } grep { $_->{provider} eq 'aaa' }
                 @{ json()->{catalogs} };

    is($rows, 2, 'the catalogs are those of now');

    ok(reload($nginx, sub {
        s/counters 256k/counters 512k/;
    }), 'reload with another size');

    is_deeply(json()->{providers}, [], 'a zone of another size begins anew');
}

unlike($nginx->error_log, qr/\[(?:alert|crit|emerg)\]/, 'a clean error log');

$nginx->stop;

# an alert on the first unmapped code, by a real Prometheus

SKIP: {
    skip 'prometheus is missing', 3
        unless grep { -x "$_/prometheus" } split /:/, $ENV{PATH};

    $nginx = TelephonyTest::start_nginx($config);
    $generation = 1;

    my $prometheus = start_prometheus();

    ok(eventually(sub { query('telephony_unmapped_total') eq 'mango=0' }),
       'the series are scraped before anything is counted')
        or diag(query('telephony_unmapped_total'));

    ask('/mango/?code=7777');

    ok(eventually(sub {
           query('increase(telephony_unmapped_total[1m]) > 0') eq 'mango';
       }), 'the first unmapped code of a provider fires an alert')
        or diag(query('telephony_unmapped_total'));

    ask('/dead/');

    ok(eventually(sub {
           query('increase(telephony_generated_total[1m]) > 0') eq 'voipms';
       }), 'and so does the first error of the gateway');

    kill 'TERM', $prometheus;
    waitpid $prometheus, 0;

    $nginx->stop;
}

# a zone that is full

{
    my @codes = map { "FULL_$_" } 1 .. 600;
    my $small = $config;

    $small =~ s/counters 256k/counters 32k/;
    $small =~ s{(include \S+/\*\.conf;)}{join "\n", $1,
        'telephony_codes {', (map { "$_ 409 CONFLICT no \"Full\";" } @codes),
        '}', 'telephony_catalog voipms {',
        (map { "error x$_ $_;" } @codes), '}'}e;

    $nginx = TelephonyTest::start_nginx($small);
    $generation = 1;

    ask("/voipms/?code=x$_") for @codes;

    my $json = json();
    my ($voipms) = grep { $_->{name} eq 'voipms' } @{ $json->{providers} };
    my ($other) = grep { $_->{code} eq 'other' } @{ $voipms->{codes} };

    ok($json->{zone}{full}, 'a full zone says so');
    is($voipms->{responses}, 600, 'nothing is lost when it is full');
    cmp_ok($other->{count}, '>', 0, 'codes without room are "other"');
    is($other->{verdict}, 'error', 'with their verdict');

    my ($kept) = grep { $_->{code} eq 'FULL_1' } @{ $voipms->{codes} };

    is($kept->{count}, 1, 'the others stay as they are');

    ask('/voipms/?code=xFULL_1');
    ask('/mango/?code=1000') for 1 .. 3;

    is(responses('voipms', 'error', 'FULL_1'), 2, 'and go on counting');
    is(responses('other', 'success', 'other'), 3,
       'a provider without room is "other"');

    ok(reload($nginx, sub { }), 'reload with a full zone');

    is(provider('voipms')->{responses}, 601, 'a full zone survives a reload');

    unlike($nginx->error_log, qr/\[(?:alert|crit|emerg|error)\]/,
           'a full zone is no error');

    $nginx->stop;
}

# mistakes

{
    my @mistakes = (
        [ 's/256k/16k/', qr/zone "counters" is too small/ ],
        [ 's/256k/much/', qr/invalid size "much" of the zone "counters"/ ],
        [ 's/(telephony_errors_zone) (.*)/$1 $2 $1 second 1m;/',
          qr/"telephony_errors_zone" is duplicate/ ],
        [ 's/counters 256k/"" 256k/', qr/the zone needs a name/ ],
        [ 's/(telephony_errors_metrics;)/$1 $1/',
          qr/"telephony_errors_metrics" directive is duplicate/ ],
        [ 's/telephony_errors_zone .*//',
          qr/"telephony_errors_metrics" without a zone, nothing is counted: add "telephony_errors_zone telephony 1m;" to the http block/ ],
    );

    for my $mistake (@mistakes) {
        my ($edit, $message) = @$mistake;

        local $_ = $config;
        eval $edit;

        like(refused($_), qr/\[emerg\].*$message.*nginx\.conf:\d+/,
             "refused with file and line: $edit");
    }
}

# the dashboard

{
    my $file = "$TelephonyTest::root/auto/grafana.json";

    open my $in, '<', $file or die "$file: $!\n";
    my $dashboard = decode_json(do { local $/; <$in> });

    $nginx = TelephonyTest::start_nginx($config);

    my %known = map { $_ => 1 } text() =~ /^# TYPE (\w+)/mg;
    my @expressions = map { map { $_->{expr} } @{ $_->{targets} } }
                      @{ $dashboard->{panels} };
    my %used = map { $_ => 1 } map { /\b(telephony_\w+)/g } @expressions;

    is_deeply([ grep { !$known{$_} } sort keys %used ], [],
              'the dashboard uses only counters that there are');

    SKIP: {
        skip 'promtool is missing', 1 unless $has_promtool;

        my $i = 0;
        my $rules = "groups:\n- name: dashboard\n  rules:\n";

        for (@expressions) {
            my $expression = $_;

            $expression =~ s/\$__(?:rate_interval|range)/5m/g;
            $expression =~ s/'/''/g;
            $i++;
            $rules .= "  - record: dashboard:panel:$i\n"
                      . "    expr: '$expression'\n";
        }

        my ($failed, $said) = promtool($rules, qw(check rules /dev/stdin));

        ok(!$failed, 'promtool accepts its queries') or diag($said);
    }

    $nginx->stop;
}

File::Path::remove_tree($observer);

done_testing();
