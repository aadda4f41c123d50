#!/usr/bin/env perl

# What the parts of auto/bench have measured: tables, one JSON file, a picture.
# With --keep, the table of README.md and the picture beside this file.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;

use JSON::PP;
use POSIX qw(strftime uname);

use TelephonyBench qw(read_file write_file $root $work);

my $json = JSON::PP->new->canonical->pretty;
my %part = map { $_ => part($_) } qw(cost instructions scale memory);

die "nothing was measured yet\n" if !grep { $_ } values %part;

write_file("$work/bench.json", $json->encode({ machine => machine(), %part }));

print join "\n", grep { length } cost_table(), other_table();

exit if !$part{cost};

write_file("$work/cost.svg", picture());

if (@ARGV && $ARGV[0] eq '--keep') {
    my $readme = read_file("$root/README.md");
    my $table = cost_table();

    $readme =~ s/(<!-- auto\/bench -->\n).*?(<!-- end -->)/$1\n$table\n$2/s
        or die "README.md has no place for the table\n";

    write_file("$root/README.md", $readme);
    write_file("$root/t/bench/cost.svg", picture());
}


sub part {
    my ($name) = @_;

    return -e "$work/$name.json" ? $json->decode(read_file("$work/$name.json"))
                                 : undef;
}


sub machine {
    my ($cpu) = read_file('/proc/cpuinfo') =~ /^model name\s*:\s*(.*)/m;
    my @packages = qw(nginx libyajl2 libpcre2-8-0 libnginx-mod-http-lua
                      libnginx-mod-http-js libluajit-5.1-2 wrk valgrind);
    my %versions = map { /^([^:\t]+)\S*\t(\S+)$/ }
                   split /\n/, `dpkg-query -W @packages 2>/dev/null`;

    return {
        cpu => $cpu // 'unknown',
        processors => 0 + `getconf _NPROCESSORS_ONLN`,
        system => join(' ', (uname())[0, 2, 4]),
        date => strftime('%Y-%m-%d', gmtime),
        packages => \%versions,
    };
}


sub cost_table {
    my $cost = $part{cost} or return '';

    my %instructions = map { $_->{name} => $_ } @{ $part{instructions} // [] };

    my $table = "| answer | plain again | off | **on** | budget "
                . "| instructions: off | on | Lua | njs |\n"
                . "|---|---|---|---|---|---|---|---|---|\n";

    for my $w (@$cost) {
        my $i = $instructions{ $w->{name} };
        my ($r, $s) = @$w{qw(ratio spread)};
        my $budget = sprintf '%.2f', $w->{budget};

        $budget .= ' *' if $i && defined $i->{budget};

        $table .= sprintf "| %s | %.2f | %.2f | **%.2f** ±%.2f | %s | %s | %s "
                          . "| %.2f | %.2f |\n",
            $w->{name}, $r->{again}, $r->{off}, $r->{on}, $s->{on}, $budget,
            (map { $i ? sprintf('%.2f', $i->{ratio}{$_}) : '' } qw(off on)),
            @$r{qw(lua njs)};
    }

    return $table;
}


sub other_table {
    my ($scale, $memory) = @part{qw(scale memory)};

    return '' if !$scale || !$memory;

    my $window = $memory->{window} / 1024;

    return "| what | measured | budget |\n|---|---|---|\n" . join '', map {
        sprintf "| %s | %s | %s |\n", @$_
    } [ 'a request with 100,000 rows against 10, instructions',
        sprintf('%.2f', $scale->{rows_instructions}), '1.02' ],
      [ 'loading 100,000 rows', "$scale->{load_seconds} s", '0.5 s' ],
      [ 'a row, of a worker', "$scale->{row_bytes} bytes", '200 bytes' ],
      [ '1,000 templates of one code against 1',
        sprintf('%.2f', $scale->{templates_cpu}), '2.00' ],
      [ 'a request with all catalogs against five, instructions',
        sprintf('%.2f and %.2f', @$scale{qw(shipped_good shipped_bad)}),
        '1.00' ],
      [ 'nginx -t with all catalogs and examples',
        "$scale->{shipped_seconds} s", '0.5 s' ],
      [ 'a worker with all catalogs, more than with five',
        "$scale->{shipped_kb} KB", '2048 KB' ],
      [ "an undecided answer, more than plain proxy_pass holds",
        kilobytes($memory->{plain}),
        $window + 8 . ' KB' ],
      [ 'a compressed one',
        kilobytes($memory->{coded}), $window + 56 . ' KB' ];
}


sub kilobytes {
    my ($bytes) = @_;

    return sprintf '%.0f KB', $bytes > 0 ? $bytes / 1024 : 0;
}


# Bars on a logarithmic scale that begins at 1, what plain proxy_pass takes.

sub picture {
    my @names = ([ on => 'this module' ], [ lua => 'OpenResty Lua' ],
                 [ njs => 'njs' ]);
    my ($left, $width, $bar, $group) = (190, 480, 9, 40);
    my $cost = $part{cost};
    my $height = 60 + $group * @$cost + 30;
    my $max = 1;

    for my $w (@$cost) {
        for (@{ $w->{ratio} }{qw(on lua njs)}) {
            $max *= 2 while $_ > $max;
        }
    }

    my $x = sub {
        my ($ratio) = @_;
        return $left + ($ratio <= 1 ? 0 : $width * log($ratio) / log($max));
    };

    my $svg = <<"END";
<svg xmlns="http://www.w3.org/2000/svg" width="760" height="$height"
     viewBox="0 0 760 $height" role="img" font-size="12"
     font-family="system-ui, sans-serif"
     aria-label="CPU time of the worker, as a ratio to plain proxy_pass">
<style>
  svg { background: #fff }
  text { fill: #333 }
  .line { stroke: #ddd }
  .on { fill: #1a7f5a }
  .lua { fill: #8fa3c8 }
  .njs { fill: #d9a66b }
  \@media (prefers-color-scheme: dark) {
    svg { background: #16191d }
    text { fill: #ddd }
    .line { stroke: #3a3f45 }
    .on { fill: #3fbf8f }
  }
</style>
END

    my $at = $left;

    for (@names) {
        $svg .= "<rect class=\"$_->[0]\" x=\"$at\" y=\"12\" width=\"12\" "
                . "height=\"12\"/>\n<text x=\"" . ($at + 18)
                . "\" y=\"22\">$_->[1]</text>\n";
        $at += 130;
    }

    for (my $ratio = 1; $ratio <= $max; $ratio *= 2) {
        my $line = sprintf '%.1f', $x->($ratio);

        $svg .= "<line class=\"line\" x1=\"$line\" x2=\"$line\" y1=\"40\" y2=\""
                . ($height - 30) . "\"/>\n<text x=\"$line\" y=\""
                . ($height - 12) . "\" text-anchor=\"middle\">$ratio</text>\n";
    }

    for my $i (0 .. $#$cost) {
        my $w = $cost->[$i];
        my $y = 48 + $group * $i;

        $svg .= '<text x="' . ($left - 10) . '" y="' . ($y + 18)
                . "\" text-anchor=\"end\">$w->{name}</text>\n";

        for my $n (0 .. $#names) {
            my $ratio = $w->{ratio}{ $names[$n][0] };
            my $end = $x->($ratio);

            $svg .= sprintf "<rect class=\"%s\" x=\"%d\" y=\"%d\" "
                            . "width=\"%.1f\" height=\"%d\"/>\n"
                            . "<text x=\"%.1f\" y=\"%d\" font-size=\"9\">"
                            . "%.2f</text>\n",
                $names[$n][0], $left, $y + $n * ($bar + 1),
                $end - $left + 1, $bar, $end + 4,
                $y + $n * ($bar + 1) + 8, $ratio;
        }
    }

    return "$svg</svg>\n";
}
