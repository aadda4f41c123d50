#!/usr/bin/env perl

# Memory: what undecided responses hold, a thousand of them at once, and what a
# large success ever holds.  The upstream is a process of its own, which says
# the beginning of an answer and then nothing.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;

use Compress::Raw::Zlib qw(Z_OK Z_SYNC_FLUSH WANT_GZIP);
use Digest::MD5 qw(md5_base64);
use IO::Select;
use IO::Socket::INET;
use JSON::PP;
use Time::HiRes qw(sleep time);

use TelephonyBench qw(start stop memory_kb write_file say_progress client ask
                      $work $vendor_port);
use TelephonyWorkloads qw(workloads vendor_http proxy);

my $window = 8192;
my $silent_port = $vendor_port + 9;
my $connections = $ENV{BENCH_CONNECTIONS} // 1000;

# lists, and no code in them: the second one can hardly be compressed

my $entry = '{"id":%d,"to":"55512%05d","text":"nothing is decided by this"},';
my $list = '{"list":[' . join '', map { sprintf $entry, $_, 7 * $_ } 1 .. 200;
my $begin = substr $list, 0, $window - 1;

my $noise = substr '{"list":["' . join('', map { md5_base64($_) } 1 .. 400), 0,
                   $window - 1;

my %answers = ('/voipms/plain' => head('') . $begin,
               '/voipms/coded' => head("Content-Encoding: gzip\r\n")
                                  . packed($noise));

my $silent = silent_upstream();
my @all = workloads();
my %result = (connections => $connections, window => $window);

for my $uri (sort keys %answers) {
    my ($name) = $uri =~ m{([^/]+)$};

    say_progress("memory: $connections undecided responses, $name");

    my %kb = map { $_ => held($_, $uri) } qw(plain on);

    $result{$name} = sprintf '%.0f', 1024 * ($kb{on} - $kb{plain})
                                     / $connections;

    print "an undecided response ($name) holds $result{$name} bytes more than "
        . "plain proxy_pass does, window and "
        . ($result{$name} - $window) . "\n";
}

kill 'TERM', $silent;
waitpid $silent, 0;

say_progress('memory: 8 MB');

start(name => 'vendor', port => $vendor_port, http => vendor_http(@all));
write_file("$work/vendor/html/mango/list-8m", '[' . join(',', ($list =~
    /(\{"id.*?\})/g) x 640) . ']');

for my $uri ('/voipms/success-8m', '/mango/list-8m') {
    my ($name) = $uri =~ m{/(\w+)};
    my %kb = map { $_ => peak($_, $uri) } qw(plain on);

    $result{"8m_$name"} = 1024 * ($kb{on} - $kb{plain});

    print "$uri: at its peak the worker has grown by $kb{on} KB, with plain "
        . "proxy_pass by $kb{plain} KB\n";
}

write_file("$work/memory.json",
           JSON::PP->new->canonical->pretty->encode(\%result));


sub head {
    my ($more) = @_;

    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
           . "Content-Length: 1000000\r\n$more\r\n";
}


# As much of a compressed body as decodes to the text.

sub packed {
    my ($text) = @_;

    my ($deflate) = Compress::Raw::Zlib::Deflate->new(-WindowBits => WANT_GZIP);
    my ($out, $rest) = ('', '');

    $deflate->deflate($text, $out) == Z_OK or die "deflate\n";
    $deflate->flush($rest, Z_SYNC_FLUSH) == Z_OK or die "deflate\n";

    return $out . $rest;
}


# Answers every request with the beginning of its answer, and goes on only by
# being closed.

sub silent_upstream {
    my $listen = IO::Socket::INET->new(LocalAddr => "127.0.0.1:$silent_port",
                                       Listen => 4096, ReuseAddr => 1)
                 // die "port $silent_port: $!\n";

    my $pid = fork // die "fork: $!\n";
    return $pid if $pid;

    $SIG{TERM} = 'DEFAULT';

    my $select = IO::Select->new($listen);

    while (my @ready = $select->can_read) {
        for my $socket (@ready) {
            if ($socket == $listen) {
                $select->add(scalar $listen->accept);

            } elsif (sysread $socket, my $request, 65536) {
                my ($uri) = $request =~ /^\w+ (\S+)/;
                syswrite $socket, $answers{$uri};

            } else {
                $select->remove($socket);
                close $socket;
            }
        }
    }

    exit;
}


# How much the worker has grown when all responses wait.

sub held {
    my ($kind, $uri) = @_;

    my %c = proxy($kind, name => "memory-$kind", port => 2607);

    $c{http} =~ s{http://vendor;}{http://127.0.0.1:$silent_port;}g;

    my $nginx = start(%c);

    my @warm = map { open_request($uri) } 1 .. 10;
    sleep 0.5;

    my $before = memory_kb($nginx->{worker}, 'RssAnon');
    my @clients = map { open_request($uri) } 1 .. $connections;

    my $after = settled($nginx->{worker});

    stop_now($nginx);

    return $after - $before;
}


sub open_request {
    my ($uri) = @_;

    my $socket = client(2607);

    syswrite $socket, "GET $uri HTTP/1.1\r\nHost: bench\r\n"
                      . "Accept-Encoding: gzip\r\n\r\n";
    return $socket;
}


# The size of the worker, when it does not change any more.

sub settled {
    my ($pid) = @_;

    my ($last, $same) = (0, 0);

    while ($same < 5) {
        sleep 0.3;
        my $kb = memory_kb($pid, 'RssAnon');
        $same = $kb == $last ? $same + 1 : 0;
        $last = $kb;
    }

    return $last;
}


sub stop_now {
    my ($nginx) = @_;

    kill 'TERM', $nginx->{pid};
    stop($nginx);
}


sub peak {
    my ($kind, $uri) = @_;

    my $nginx = start(proxy($kind, name => "memory-$kind", port => 2607));
    my $socket = client(2607);

    ask($socket, '/voipms/success-150') for 1 .. 5;

    my $before = memory_kb($nginx->{worker}, 'VmHWM');

    ask($socket, $uri) for 1 .. 5;

    my $after = memory_kb($nginx->{worker}, 'VmHWM');

    close $socket;
    stop($nginx);

    return $after - $before;
}
