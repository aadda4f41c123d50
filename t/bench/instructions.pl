#!/usr/bin/env perl

# Instructions of the worker a request, counted by callgrind: a process does a
# few requests of every workload, another one does more of one of them, and
# the difference is what these cost.  User space only: the kernel's part, which
# is most of a request, is the same for all, so these ratios are higher than
# those of CPU time; but they are nearly the same in every run.
#
# Where malloc finds a request's memory depends on all that a configuration has
# left in its lists, some hundred instructions more or less; a worker of this
# module begins with empty ones, so that it may even need fewer than "plain".

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;

use JSON::PP;

use TelephonyBench qw(start stop write_file read_file say_progress
                      client ask $work $vendor_port);
use TelephonyWorkloads qw(workloads vendor_http proxy);

my $requests = $ENV{BENCH_REQUESTS} // 100;
my @kinds = qw(plain off on);

my @all = workloads();
my @workloads = grep { index($_->{name}, $ENV{BENCH_ONLY} // '') >= 0 } @all;

start(name => 'vendor', port => $vendor_port, http => vendor_http(@all));

my %count;

for my $kind (@kinds) {
    say_progress("instructions: $kind");

    my $base = run($kind);

    for my $w (@workloads) {
        my $n = $w->{uri} =~ /8m/ ? 10 : $requests;

        $count{$kind}{ $w->{name} } = (run($kind, $w, $n) - $base) / $n;
    }
}

my @results = map { result($_) } @workloads;

write_file("$work/instructions.json",
           JSON::PP->new->canonical->pretty->encode(\@results));


sub run {
    my ($kind, $more, $n) = @_;

    my $file = "$work/callgrind.$kind" . ($more ? $more->{uri} =~ tr|/|-|r : '');
    unlink $file;

    my $nginx = start(proxy($kind, name => "callgrind-$kind", port => 2610),
                      single => 1,
                      tool => ['valgrind', '--tool=callgrind',
                               "--callgrind-out-file=$file"]);

    my $socket = client(2610);

    for my $w (@workloads) {
        my @headers = @{ $w->{headers} // [] };

        my $times = $w->{uri} =~ /8m/ ? 1 : 5;

        ask($socket, $w->{uri}, @headers) for 1 .. $times;
    }

    if ($more) {
        my @headers = @{ $more->{headers} // [] };

        ask($socket, $more->{uri}, @headers) for 1 .. $n;
    }

    close $socket;
    stop($nginx);

    my ($total) = read_file($file) =~ /^(?:totals|summary): (\d+)/m;
    return $total // die "$file has no total\n";
}


sub result {
    my ($w) = @_;

    my %c = map { $_ => $count{$_}{ $w->{name} } } @kinds;

    my %ratio = map {
        $_ => sprintf '%.4f', $c{$_} / $c{plain}
    } qw(off on);

    printf "%-28s plain %8d  off %s  on %s (%+d)\n", $w->{name},
        $c{plain}, @ratio{qw(off on)}, $c{on} - $c{plain};

    return {
        name => $w->{name}, budget => $w->{instructions},
        plain => sprintf('%.0f', $c{plain}), ratio => \%ratio,
    };
}
