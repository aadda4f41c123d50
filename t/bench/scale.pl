#!/usr/bin/env perl

# Large catalogs: how long they take to load, what a row takes of a worker's
# memory, what they add to a request, and whether a reload stalls serving.  And
# all catalogs that are shipped against the first five of them.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;

use JSON::PP;
use Time::HiRes qw(sleep time);

use TelephonyBench qw(start stop test_time load memory_kb median write_file
                      read_file say_progress client ask worker
                      $root $work $module $vendor_port);

my $rounds = $ENV{BENCH_ROUNDS} // 7;
my $requests = $ENV{BENCH_REQUESTS} // 100;
my @sizes = (10, 100_000);
my %result;

for my $n (@sizes) {
    write_file("$work/rows-$n.conf", rows($n));
}

for my $n (1, 1000) {
    write_file("$work/templates-$n.conf", templates($n));
}

start(name => 'vendor', port => $vendor_port, http => <<"END");
    default_type application/json;

    server {
        listen 127.0.0.1:$vendor_port backlog=4096;
        location = /row { return 200 '{"code":"error_7","text":"x"}'; }
        location = /template {
            return 200 '{"code":"taken","text":"line 999 of 12 is taken by me"}';
        }
        location = /good { return 200 '{"status":"success"}'; }
        location = /bad { return 200 '{"status":"invalid_did"}'; }
    }
END

say_progress('scale: loading');
loading();

say_progress('scale: memory of a row');
memory();

say_progress('scale: a request');
instructions('rows', '/row', @sizes);
instructions('templates', '/template', 1, 1000);

say_progress('scale: CPU time with 1000 templates');
templates_time();

say_progress('scale: reload');
reload();

say_progress('scale: all catalogs');
shipped();

write_file("$work/scale.json",
           JSON::PP->new->canonical->pretty->encode(\%result));


# Rows that differ in all, and a code of them that is asked for.

sub rows {
    my ($n) = @_;

    my @codes = qw(INVALID_PARAMETER MISSING_PARAMETER ALREADY_EXISTS
                   INSUFFICIENT_FUNDS PERMISSION_DENIED);

    return "telephony_catalog big {\n    code code;\n    message text;\n"
           . "    success ok;\n"
           . join('', map {
                 "    error error_$_ $codes[$_ % 5] \"Sentence number $_\";\n"
             } 1 .. $n)
           . "}\n";
}


# Wordings of one code.  The last one is asked for.

sub templates {
    my ($n) = @_;

    return "telephony_catalog big {\n    code code;\n    message text;\n"
           . "    success ok;\n"
           . join('', map {
                 "    error taken \"message=line $_ of {all} is taken by {who}\""
                 . " ALREADY_EXISTS \"Line $_ is taken by {who}\";\n"
             } 1000 - $n .. 999)
           . "}\n";
}


sub conf {
    my ($file, $port, %more) = @_;

    my $include = $file ? "include $work/$file;" : 'telephony_catalog big {
        code code;
        success ok;
        error e UNKNOWN;
    }';

    return (port => $port, main => "load_module $module;", http => <<"END",
    include $root/catalogs/codes.conf;
    $include

    server {
        listen 127.0.0.1:$port backlog=4096;
        location / {
            telephony_errors big;
            proxy_pass http://vendor;
        }
    }
END
            %more);
}


# The shipped catalogs: the five of the first version, or all.

sub shipped_conf {
    my ($which, $port, %more) = @_;

    my @five = qw(voipms totalvoice fonedynamics voipnow mango);
    my $include = join "\n    ", map { "include $root/catalogs/$_.conf;" }
                  $which eq 'all' ? '*' : ('codes', @five);

    return (port => $port, main => "load_module $module;", http => <<"END",
    $include

    server {
        listen 127.0.0.1:$port backlog=4096;
        location / {
            telephony_errors voipms;
            proxy_pass http://vendor;
        }
    }
END
            %more);
}


sub shipped {
    my (%kb, %count);

    $result{shipped_seconds} = sprintf '%.3f',
        test_time(shipped_conf('all', 2607), name => 'test-all', runs => 9);

    for my $which (qw(five all)) {
        my $nginx = start(shipped_conf($which, 2607), name => "shipped-$which");

        ask(client(2607), '/good');
        $kb{$which} = memory_kb($nginx->{worker}, 'RssAnon');
        stop($nginx);
    }

    $result{shipped_kb} = $kb{all} - $kb{five};

    for my $uri (qw(/good /bad)) {
        for my $which (qw(five all)) {
            my $conf = { shipped_conf($which, 2610) };

            $count{$which} = (callgrind($conf, 10 + $requests, $uri)
                              - callgrind($conf, 10, $uri)) / $requests;
        }

        my ($name) = $uri =~ m{/(\w+)};

        $result{"shipped_$name"} = sprintf '%.4f', $count{all} / $count{five};
    }

    print "all catalogs: nginx -t takes $result{shipped_seconds} s; against "
        . "five a worker grows by $result{shipped_kb} KB, a request takes "
        . "$result{shipped_good} (success) and $result{shipped_bad} (error) of "
        . "the instructions\n";
}


sub loading {
    my %seconds = map {
        $_ => test_time(conf("rows-$_.conf", 2607), name => "test-$_",
                        runs => 9)
    } @sizes;

    $result{load_seconds} = sprintf '%.3f', $seconds{100_000} - $seconds{10};

    print "100,000 rows are loaded in $result{load_seconds} s (nginx -t with "
        . "them, less nginx -t with 10)\n";
}


sub memory {
    my %kb;

    for my $n (@sizes) {
        my $nginx = start(conf("rows-$n.conf", 2607), name => "rows-$n");

        ask(client(2607), '/row');
        $kb{$n} = memory_kb($nginx->{worker}, 'RssAnon');
        stop($nginx);
    }

    $result{row_bytes} = sprintf '%.0f', ($kb{100_000} - $kb{10}) * 1024
                                         / (100_000 - 10);

    print "a row takes $result{row_bytes} bytes of a worker\n";
}


# Instructions a request, by callgrind: with a small catalog and a large one.

sub instructions {
    my ($what, $uri, @n) = @_;

    my %count;

    for my $n (@n) {
        my $conf = { conf("$what-$n.conf", 2610) };

        $count{$n} = (callgrind($conf, 10 + $requests, $uri)
                      - callgrind($conf, 10, $uri)) / $requests;
    }

    $result{"${what}_instructions"} = sprintf '%.4f',
                                              $count{$n[1]} / $count{$n[0]};

    printf "%s: %d instructions a request with %d, %d with %d: %s\n", $what,
        $count{$n[0]}, $n[0], $count{$n[1]}, $n[1],
        $result{"${what}_instructions"};
}


sub callgrind {
    my ($conf, $n, $uri) = @_;

    my $file = "$work/callgrind.scale";
    unlink $file;

    my $nginx = start(%$conf, name => 'callgrind-scale', single => 1,
                      tool => ['valgrind', '--tool=callgrind',
                               "--callgrind-out-file=$file"]);
    my $socket = client(2610);

    ask($socket, $uri) for 1 .. $n;

    close $socket;
    stop($nginx);

    my ($total) = read_file($file) =~ /^(?:totals|summary): (\d+)/m;
    return $total // die "$file has no total\n";
}


sub templates_time {
    my %nginx = map {
        $_ => start(conf("templates-$_.conf", 2607 + ($_ > 1)),
                    name => "templates-$_")
    } 1, 1000;

    my @ratios;

    load($nginx{$_}, { uri => '/template' }) for 1, 1000;

    for (1 .. $rounds) {
        my %ns = map { $_ => load($nginx{$_}, { uri => '/template' }) }
                 1, 1000;
        push @ratios, $ns{1000} / $ns{1};
    }

    stop($_) for values %nginx;

    $result{templates_cpu} = sprintf '%.3f', median(@ratios);
    print "1,000 templates take $result{templates_cpu} of the CPU time of "
        . "one\n";
}


# The longest that a request takes: with nothing else going on, and while
# 100,000 rows are loaded by reloads.

sub reload {
    my $nginx = start(conf('rows-100000.conf', 2607), name => 'rows-100000');

    my $quiet = longest($nginx, 2, sub { });
    my $busy = longest($nginx, 3, sub { kill 'HUP', $nginx->{pid} });

    stop($nginx);

    $result{quiet_ms} = sprintf '%.1f', 1e3 * $quiet;
    $result{reload_ms} = sprintf '%.1f', 1e3 * $busy;

    print "the longest request took $result{quiet_ms} ms, "
        . "$result{reload_ms} ms while 100,000 rows were reloaded\n";
}


sub longest {
    my ($nginx, $seconds, $do) = @_;

    my ($longest, $worker) = (0, worker($nginx->{pid}));
    my $end = time + $seconds;

    $do->();

    while (time < $end) {
        my $begin = time;
        my ($header) = ask(client(2607), '/row', 'Connection: close');
        my $took = time - $begin;

        die "not served: $header\n" if $header !~ /^HTTP\S+ 4/;

        $longest = $took if $took > $longest;
    }

    return $longest;
}
