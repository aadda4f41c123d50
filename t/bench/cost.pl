#!/usr/bin/env perl

# CPU time of the worker a request: proxies side by side, every workload in
# rounds, in each round every proxy for a second, in changing order.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;

use JSON::PP;
use List::Util qw(first shuffle);

use TelephonyBench qw(start load median quartiles write_file say_progress
                      client ask $work $vendor_port);
use TelephonyWorkloads qw(workloads vendor_http proxy);

my $rounds = $ENV{BENCH_ROUNDS} // 7;
my @kinds = qw(plain again off on lua njs);

srand 1;

my @workloads = workloads();

start(name => 'vendor', port => $vendor_port, http => vendor_http(@workloads));

my $port = $vendor_port;

my %proxies = map {
    $_ => start(proxy($_ eq 'again' ? 'plain' : $_, name => $_,
                      port => ++$port))
} @kinds;

check($_) for @workloads;

my @results;

for my $w (grep { wanted($_) } @workloads) {
    push @results, measure($w);
}

write_file("$work/cost.json",
           JSON::PP->new->canonical->pretty->encode(\@results));


# BENCH_ONLY takes only the workloads whose name has it.

sub wanted {
    my ($w) = @_;

    return index($w->{name}, $ENV{BENCH_ONLY} // '') >= 0;
}


# The proxies have to do the same work: what passes is byte for byte the same,
# an error has the same status from all.

sub check {
    my ($w) = @_;

    my %got = map {
        $_ => [ask(client($proxies{$_}{port}), $w->{uri},
                   @{ $w->{headers} // [] })]
    } @kinds;

    my %status = map { $_ => $got{$_}[0] =~ /^HTTP\S+ (\d+)/ } @kinds;

    if ($w->{name} =~ /error/) {
        die "$w->{name}: $status{on} is no error\n"
            if $status{on} < 400 || $got{on}[0] !~ /^Telephony-Code/m;

        die "$w->{name}: $_ answers $status{$_}, not $status{on}\n"
            for grep { $status{$_} != $status{on} } qw(lua njs);

        return;
    }

    die "$w->{name}: not as it came from $_\n"
        for grep { $got{$_}[1] ne $got{plain}[1] } qw(again off on);

    die "$w->{name}: not as it came from $_\n"
        for grep { $got{$_}[1] ne $w->{body} } qw(lua njs);
}


sub measure {
    my ($w) = @_;

    say_progress("CPU time: $w->{name}");

    my (%ns, %ratios);

    load($proxies{$_}, $w) for @kinds;

    for (1 .. $rounds) {
        my %round = map { $_ => load($proxies{$_}, $w) } shuffle @kinds;

        for (@kinds) {
            push @{ $ns{$_} }, $round{$_};
            push @{ $ratios{$_} }, $round{$_} / $round{plain};
        }
    }

    my %result = (name => $w->{name}, budget => $w->{budget},
                  rounds => $rounds,
                  plain_us => sprintf('%.1f', median(@{ $ns{plain} }) / 1e3));

    for (grep { $_ ne 'plain' } @kinds) {
        my ($low, $high) = quartiles(@{ $ratios{$_} });

        $result{ratio}{$_} = sprintf '%.3f', median(@{ $ratios{$_} });
        $result{spread}{$_} = sprintf '%.3f', $high - $low;
    }

    printf "%-28s", $w->{name};
    printf " %s %s±%s", $_, $result{ratio}{$_}, $result{spread}{$_}
        for grep { $_ ne 'plain' } @kinds;
    print "\n";

    return \%result;
}
