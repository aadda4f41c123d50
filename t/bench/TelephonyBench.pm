package TelephonyBench;

# What the parts of auto/bench share: nginx processes, load, clocks, numbers.
# Everything listens on 127.0.0.1, ports 2600 to 2619, and writes into
# build/bench/ only.

use strict;
use warnings;

use Cwd qw(realpath);
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use IO::Socket::INET;
use List::Util qw(sum);
use Time::HiRes qw(sleep time);

our @EXPORT_OK = qw(
    $root $work $module $modules $vendor_port
    start stop stop_all configuration test_time
    cpu_ns memory_kb load client ask worker
    median quartiles write_file read_file say_progress
);

our $root = realpath(dirname(__FILE__) . '/../..');
our $build = $ENV{BUILD_DIR} // "$root/build";
our $work = "$build/bench";
our $module = "$build/ngx_http_telephony_errors_module.so";
our $modules = `nginx -V 2>&1` =~ /--modules-path=(\S+)/ ? $1 : 'modules';
our $vendor_port = 2600;

my %running;

$SIG{INT} = $SIG{TERM} = $SIG{HUP} = sub { exit 130 };
$SIG{PIPE} = 'IGNORE';

END {
    my $status = $?;
    stop_all();
    $? = $status;
}


sub say_progress {
    print STDERR "auto/bench: @_\n";
}


sub write_file {
    my ($file, $content) = @_;

    make_path(dirname($file));
    open my $fh, '>:raw', $file or die "$file: $!\n";
    print $fh $content;
    close $fh or die "$file: $!\n";
}


sub read_file {
    my ($file) = @_;

    open my $fh, '<:raw', $file or die "$file: $!\n";
    local $/;
    return scalar <$fh>;
}


# A whole nginx.conf.  "main" and "http" are more configuration; "single" is
# one process without a master, for callgrind.

sub configuration {
    my (%c) = @_;

    my $user = $> == 0 && !$c{single} ? 'user root;' : '';
    my $single = $c{single} ? "master_process off;\n" : '';
    my $main = $c{main} // '';
    my $keepalive = 'keepalive_requests 1000000000';

    return <<"END";
$main
$single$user
worker_processes 1;
worker_rlimit_nofile 16384;
daemon off;
error_log error.log;
pid nginx.pid;

events {
    worker_connections 8192;
}

http {
    access_log off;
    $keepalive;
    keepalive_timeout 600s;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_max_temp_file_size 0;
    client_body_temp_path temp;
    proxy_temp_path temp;
    fastcgi_temp_path temp;
    uwsgi_temp_path temp;
    scgi_temp_path temp;

    upstream vendor {
        server 127.0.0.1:$vendor_port;
        keepalive 64;
        $keepalive;
    }
$c{http}
}
END
}


# Starts an nginx (under a tool, with "tool"), waits until "port" answers, and
# returns its name, master and worker.

sub start {
    my (%c) = @_;

    my $dir = "$work/$c{name}";

    make_path("$dir/temp");
    write_file("$dir/nginx.conf", configuration(%c));
    unlink "$dir/error.log";

    my @command = (@{ $c{tool} // [] }, 'nginx', '-p', "$dir/",
                   '-c', "$dir/nginx.conf", '-e', 'error.log');

    my $pid = fork // die "fork: $!\n";

    if ($pid == 0) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', "$dir/output";
        open STDERR, '>&', \*STDOUT;
        exec @command or exit 127;
    }

    my $self = { name => $c{name}, pid => $pid, dir => $dir,
                 port => $c{port}, worker => $pid };

    $running{$pid} = $self;

    wait_for_port($self, $c{tool} ? 60 : 20);

    $self->{worker} = worker($pid) unless $c{single};

    return $self;
}


sub wait_for_port {
    my ($self, $seconds) = @_;

    my $end = time + $seconds;

    until (IO::Socket::INET->new(PeerAddr => "127.0.0.1:$self->{port}")) {
        if (waitpid($self->{pid}, 1) == $self->{pid} || time > $end) {
            delete $running{ $self->{pid} };
            kill 'TERM', $self->{pid};
            die "$self->{name} did not start: "
                . join '', map { -e $_ ? read_file($_) : '' }
                           "$self->{dir}/error.log", "$self->{dir}/output";
        }

        sleep 0.02;
    }
}


sub worker {
    my ($master) = @_;

    for (1 .. 100) {
        my ($first) = split ' ', read_file("/proc/$master/task/$master/children");
        return $first if $first;
        sleep 0.02;
    }

    die "no worker\n";
}


# A process without a master may look at its flags just before the signal is
# there, and then wait for events: the signal is repeated.

sub stop {
    my ($self) = @_;

    delete $running{ $self->{pid} } or return;

    my $end = time + 30;
    my $signal = 'QUIT';

    for (my $i = 0; waitpid($self->{pid}, 1) == 0; $i++) {
        $signal = 'KILL' if time > $end;
        kill $signal, $self->{pid} if $i % 20 == 0;
        sleep 0.01;
    }
}


sub stop_all {
    for my $self (values %running) {
        kill 'TERM', $self->{pid};
        waitpid $self->{pid}, 0;
    }

    %running = ();
}


# Seconds that nginx -t takes, the median of some runs.

sub test_time {
    my (%c) = @_;

    my $dir = "$work/$c{name}";

    make_path("$dir/temp");
    write_file("$dir/nginx.conf", configuration(%c));

    my @times;

    for (1 .. $c{runs} // 5) {
        my $begin = time;

        system('nginx', '-t', '-q', '-p', "$dir/", '-c', "$dir/nginx.conf",
               '-e', 'error.log') == 0
            or die "nginx -t: " . read_file("$dir/error.log");

        push @times, time - $begin;
    }

    return median(@times);
}


# CPU time that a process has used, user and system, in nanoseconds.

sub cpu_ns {
    my ($pid) = @_;

    my ($ns) = split ' ', read_file("/proc/$pid/schedstat");
    return $ns;
}


# A line of /proc/PID/status: RssAnon, VmHWM.

sub memory_kb {
    my ($pid, $what) = @_;

    my ($kb) = read_file("/proc/$pid/status") =~ /^\Q$what\E:\s+(\d+)/m;
    return $kb;
}


# A second of requests by wrk; returns nanoseconds of CPU a request.

sub load {
    my ($nginx, $w) = @_;

    my @headers = map { ('-H', $_) } @{ $w->{headers} // [] };
    my $before = cpu_ns($nginx->{worker});

    open my $wrk, '-|', 'wrk', '-t', 1, '-c', $w->{connections} // 16,
        '-d', '1s', @headers, "http://127.0.0.1:$nginx->{port}$w->{uri}"
        or die "wrk: $!\n";

    my $said = do { local $/; <$wrk> };
    close $wrk;

    my ($requests) = $said =~ /(\d+) requests in/;

    die "wrk against $nginx->{name}: $said\n"
        if !$requests || $said =~ /Socket errors/;

    return (cpu_ns($nginx->{worker}) - $before) / $requests;
}


sub client {
    my ($port) = @_;

    return IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port", Timeout => 60)
           // die "connect to $port: $!\n";
}


# One request over a connection that stays open; returns header and body.

sub ask {
    my ($socket, $uri, @headers) = @_;

    print $socket join "\r\n", "GET $uri HTTP/1.1", 'Host: bench', @headers,
                               '', '';

    my ($header, $body) = ('', '');

    until ($header =~ /\r\n\r\n/) {
        sysread($socket, $header, 65536, length $header)
            or die "$uri: the connection was closed\n";
    }

    ($header, $body) = split /\r\n\r\n/, $header, 2;

    my ($length) = $header =~ /^Content-Length: (\d+)/mi;
    die "$uri: no length: $header\n" unless defined $length;

    while (length $body < $length) {
        sysread($socket, $body, 1 << 20, length $body)
            or die "$uri: the connection was closed\n";
    }

    return ($header, $body);
}


sub median {
    my @sorted = sort { $a <=> $b } @_;

    return ($sorted[$#sorted / 2] + $sorted[@sorted / 2]) / 2;
}


# The quarter and the three quarters of the sorted numbers.

sub quartiles {
    my @sorted = sort { $a <=> $b } @_;

    return ($sorted[$#sorted / 4], $sorted[$#sorted - int($#sorted / 4)]);
}


1;
