package TelephonyModel;

# What catalogs/README.md says about rows, written down a second time: which
# row wins, what an element of a list, a member or a match in a text means, what
# is present, which code gives way, and what may be concluded when an answer ends
# unseen.  A catalog and answers are made from a number (the seed).
#
#     my $model = TelephonyModel->new($seed, $general);
#
#     $model->text("acme");      # the catalog, one row a line
#     $answer = $model->answer;  # { status, scope, header, body, seen, ... }
#     $model->expect($answer);   # { verdict, code, match, line }
#
# Nothing here looks at how the module does it: rows are a list that is sorted
# and gone through, templates are regular expressions, and what an unseen
# message could change is found by trying messages.

use strict;
use warnings;

my @texts = ('no money', 'No Money', 'no', 'the money is late', 'fine',
             'no money is late', 'late', "caf\xc3\xa9", "CAF\xc3\x89 no");
my @templates = ('no money', 'no *', '*money*', '{x}', '* late', 'no m{x}',
                 '*no*', "caf\xc3\xa9*", '{a}money{b}late', '*e*', 'fine');
my @errors = qw(NOT_FOUND INTERNAL RATE_LIMITED INVALID_PARAMETER);
my @notices = qw(NO_RESULTS DESTINATION_BUSY);
my @there = ('0', 'true', '"x"', '1.5', '[null]', '[[]]', '{"c":null}');
my @missing = ('null', 'false', '""', '[]', '{}', '[ ]');
my @levels = qw(exact class pattern absent status);

# What a text may be read by, as nginx reads it and as Perl does, and what it is
# made of.  The third has no group, and a code by its name.

my @patterns = (
    [ '(?m)^E(?<code>-?[12ab]+): *(?<message>.*)$' ],
    [ '<c>(?<code>[^<]*)</c>(?:\\s*<m>(?<message>[^<]*)</m>)?' ],
    [ 'b[u]sy', '2' ],
    [ '(?m)^note (?<message>\\w+)(?: (?<code>[12]))?$' ],
);

my @each = (
    [ '(?m)^(?|E(?<code>-?[12ab]+): *(?<message>.*)|id \\w+)$' ],
    [ '<c>(?<code>[^<]*)</c>(?:<m>(?<message>[^<]*)</m>)?' ],
    [ '(?m)^[!](?<message>.*)$', 'b1' ],
);

my $window = 512;

sub one_of { return $_[int rand @_] }
sub chance { return rand(100) < $_[0] }

sub new {
    my ($class, $seed, $general) = @_;

    srand $seed;

    my $self = bless { general => $general, lists => chance(30) }, $class;
    my %seen;

    # what is read in which order (h is a header), the code of what is present,
    # and whether a code gives way

    $self->{star} = $self->{lists} && chance(50);
    $self->{sources} = [ qw(c d) ];
    $self->{texts} = texts() if chance(30);

    if (!$self->{lists} && chance(40)) {
        $self->{present} = code([1, 2]);
        $self->{sources} = one_of([qw(c d p)], [qw(p c d)]);
    }

    if (chance(30)) {
        my @places = $self->{lists} ? 0 : (0, 1, 2);

        splice @{ $self->{sources} }, one_of(@places), 0, 'h';
    }

    # "fallback" stands behind several paths

    my $fallback = chance(40)
                   && !($self->{lists} && $self->{sources}[0] eq 'h');

    for my $together (grep { $fallback && length > 1 }
                      split /p/, join '', @{ $self->{sources} })
    {
        $self->{gives_way}{$_} = 1 for split //, $together;
    }

    # a code that "code=" names has a row

    my @named = grep { defined } $self->{present},
                map { $_->{pattern}[1] } @{ $self->{texts} // [] };

    for (@named, (undef) x (4 + int rand 12)) {
        my $row = defined $_ ? { level => 'exact', kind => 'error', key => $_,
                                 unified => one_of(@errors) } : row();
        my $key = join '|', map { lc($row->{$_} // '') }
                  qw(level key scope status message);

        push @{ $self->{rows} }, $row if !$seen{$key}++;
    }

    $_->{number} = ++$self->{nrows} for @{ $self->{rows} };

    return $self;
}

sub code {
    my ($set) = @_;

    return ($set->[0] eq '1' && chance(8) ? '-' : '')
           . join '', map { one_of(@$set) } 1 .. 1 + int rand 3;
}

# Patterns in the order of their statements, some of them for each match.

sub texts {
    my @texts = map {
        chance(40) ? { each => 1, pattern => one_of(@each) }
                   : { pattern => one_of(@patterns) }
    } 1 .. 1 + int rand 3;

    my %seen;

    return [ grep { !$seen{ $_->{pattern}[0] }++ } @texts ];
}

sub row {
    my %row = (level => one_of(qw(exact exact exact class class pattern
                                  pattern absent status)),
               kind => one_of(qw(success notice error error)));

    $row{kind} = 'error' if $row{level} eq 'status';
    $row{kind} = one_of(qw(success error)) if $row{level} eq 'absent';

    if ($row{level} eq 'exact') {
        $row{key} = code(one_of([1, 2], ['a', 'b']));

    } elsif ($row{level} eq 'class') {
        $row{key} = one_of(qw(1x 2x 1xx 2xx 11x 12x 21x 22x
                               -1x -2x -1xx -12x));

    } elsif ($row{level} eq 'pattern') {
        $row{key} = one_of(qw(a* b* *a *b a*b ab* *ab* 1* *2 *a*));

    } elsif ($row{level} eq 'status') {
        $row{key} = one_of(qw(404 500 4xx 5xx));
    }

    $row{message} = one_of(@templates) if chance(45);
    $row{scope} = one_of(qw(s t)) if chance(20);

    if ($row{level} ne 'status' && chance(20)) {
        $row{status} = $row{kind} eq 'error'
                       ? one_of(qw(200 2xx 404 4xx 5xx)) : one_of(qw(200 2xx));
    }

    $row{unified} = $row{kind} eq 'success' ? 'OK'
                    : $row{kind} eq 'notice' ? one_of(@notices)
                    : one_of(@errors);

    return \%row;
}

sub text {
    my ($self, $name) = @_;

    my %path = (h => 'header:X-Code');

    for my $name (qw(c d m)) {
        $path{$name} = !$self->{lists} ? $name
                       : $self->{star} ? "items.*.$name" : "items[].$name";
    }

    my ($paths, $gives_way, @together) = ('');

    for my $source (@{ $self->{sources} }, undef) {
        if (defined $source && $source ne 'p') {
            $gives_way = $self->{gives_way}{$source};
            push @together, $path{$source};
            next;
        }

        push @together, 'fallback' if $gives_way && @together;
        $paths .= "code @together; " if @together;
        $paths .= "present p code=$self->{present}; " if defined $source;
        @together = ();
    }

    $paths .= "message $path{m} n;";

    for my $text (@{ $self->{texts} // [] }) {
        my ($regex, $code) = @{ $text->{pattern} };

        $regex =~ s/\\/\\\\/g;
        $paths .= ' text' . ($text->{each} ? ' each' : '') . " ~ \"$regex\""
                  . (defined $code ? " code=$code" : '') . ';';
    }

    my $text = "telephony_catalog $name { $paths scope \$uri;\n";

    for my $row (@{ $self->{rows} }) {
        my $word = $row->{level} =~ /absent|status/ ? $row->{level}
                                                    : $row->{kind};
        my @words = ($word, $row->{key} // ());

        push @words, 'success' if $word eq 'absent'
                                  && $row->{kind} eq 'success';
        push @words, map { "$_=$row->{$_}" } grep { defined $row->{$_} }
                     qw(scope status);
        push @words, "\"message=$row->{message}\"" if defined $row->{message};
        push @words, $row->{unified} if $row->{kind} ne 'success';

        $text .= join(' ', @words) . ";\n";
    }

    return "$text}\n";
}


# --- an answer

sub members {
    my (@names) = @_;

    my @members;

    for my $name (@names) {
        next if chance($name =~ /[mdp]/ ? 45 : 15);

        if ($name eq 'p') {
            push @members, [ p => one_of(@there, @missing) ];
            next;
        }

        my $value = $name =~ /[cd]/ ? one_of(code([1, 2]), code(['a', 'b']))
                                    : one_of(@texts);

        $value = '' if chance(4);
        push @members, [ $name, $value ];
    }

    return sort { rand() <=> 0.5 } @members;
}

sub answer {
    my ($self) = @_;

    my %answer = (status => one_of(200, 200, 200, 202, 404, 500),
                  scope => one_of('', '', 's', 't'), header => '');

    $answer{header} = code(one_of([1, 2], ['a', 'b']))
        if chance(40) && grep { $_ eq 'h' } @{ $self->{sources} };

    if (chance(4)) {
        $answer{body} = '';

    } elsif ($self->{texts} && chance(60)) {
        $self->text_answer(\%answer);

    } elsif ($self->{lists}) {
        $self->list_answer(\%answer);

    } else {
        $self->object_answer(\%answer);
    }

    return \%answer;
}

# Some lines: results, what has no code, and what no pattern knows.

sub text_answer {
    my ($self, $answer) = @_;

    my @lines = map {
        my $code = chance(5) ? '' : code(one_of([1, 2], ['a', 'b']));
        my $text = one_of(@texts, '');

        one_of("E$code: $text", "E$code: $text", "<c>$code</c>",
               "<c> $code </c><m>$text</m>", 'busy', 'id ab', 'id ab',
               '!' . $text, 'note late', 'note no 2', 'x' . $text, '');
    } 0 .. int rand 5;

    @lines = map { ($_) x (1 + int rand 60) } @lines if chance(12);

    $answer->{text} = join one_of("\n", "\n", "\r\n"), @lines;

    # what does not begin like JSON, nor is empty

    $answer->{text} = "x$answer->{text}" if $answer->{text} !~ /\S/;
    $answer->{body} = (chance(10) ? "\xef\xbb\xbf" : '') . $answer->{text};

    if (length $answer->{body} > $window) {
        $answer->{text} = substr $answer->{text}, 0, $window
                          - (length($answer->{body}) - length $answer->{text});
        $answer->{reason} = 'window';
    }
}

sub list_answer {
    my ($self, $answer) = @_;

    $answer->{items} = [ map { [ members(qw(c d m)) ] } 0 .. int rand 4 ];
    $answer->{outer} = chance(40) ? one_of(@texts) : '';

    my $n = 0;
    my $body = join ',', map {
        ($self->{star} ? '"k' . $n++ . '":' : '') . object(@$_)
    } @{ $answer->{items} };

    $body = $self->{star} ? "{$body}" : "[$body]";
    $answer->{body} = "{\"n\":\"$answer->{outer}\",\"items\":$body}";
}

sub object_answer {
    my ($self, $answer) = @_;

    $answer->{members} = [ members(qw(c d m n),
                                   $self->{present} ? 'p' : ()) ];
    $answer->{body} = object(@{ $answer->{members} });

    return if !chance(60);

    # all behind a place is not seen: the text ends there, or the window

    my $n = int rand(1 + @{ $answer->{members} });
    my @seen = @{ $answer->{members} }[0 .. $n - 1];

    $answer->{seen} = \@seen;
    $answer->{reason} = one_of(qw(truncated window));
    $answer->{body} = object(@seen);
    $answer->{body} =~ s/\}$//;
    $answer->{body} .= (@seen ? ',' : '') . '"z":';
    $answer->{body} .= '"' . 'z' x 600 . '"}' if $answer->{reason} eq 'window';
}

sub object {
    return '{' . join(',', map {
        "\"$_->[0]\":" . ($_->[0] eq 'p'
                          || ($_->[1] =~ /^[12]+$/ && length $_->[1] > 1)
                          ? $_->[1] : "\"$_->[1]\"")
    } @_) . '}';
}


# --- what is expected

sub expect {
    my ($self, $answer) = @_;

    return $self->unread($answer) if !length $answer->{body};
    return $self->read_text($answer) if defined $answer->{text};
    return $self->elements($answer) if $self->{lists};
    return $self->whole($answer, @{ $answer->{members} }) if !$answer->{seen};
    return $self->unseen($answer);
}

# Nothing but the header and the status is known.

sub unread {
    my ($self, $answer) = @_;

    return $self->judge($answer, $answer->{header}, undef, 'cut')
        if length $answer->{header};
    return $self->judge($answer, undef, undef, 'cut')
        if $answer->{status} >= 400;
    return { verdict => 'none', reason => 'empty' };
}

sub whole {
    my ($self, $answer, @members) = @_;

    my %is = map { @$_ } @members;
    my ($message) = grep { length } map { $is{$_} // '' } qw(m n);
    my $code = $self->chosen($answer, $message, $self->codes($answer, \%is));

    return $self->judge($answer, $code, $message);
}

# What each of the sources gives, in the order of preference.

sub codes {
    my ($self, $answer, $is) = @_;

    return map {
        my $value = $_ eq 'h' ? $answer->{header} : $is->{$_} // '';

        $_ ne 'p' ? $value
        : !length($value) || grep({ $_ eq $value } @missing) ? ''
        : $self->{present};
    } @{ $self->{sources} };
}

# The code that counts: the first, or, where codes give way, the first with a
# row.  What is present does not give way.

sub chosen {
    my ($self, $answer, $message, @codes) = @_;

    my @there = grep { length $codes[$_] } 0 .. $#codes;

    return undef if !@there;

    my $first = $there[0];

    if ($self->{gives_way}{ $self->{sources}[$first] }) {
        for my $n (@there) {
            return $codes[$n] if $self->has_row($answer, $codes[$n], $message);
        }
    }

    return $codes[$first];
}

sub has_row {
    my ($self, $answer, $code, $message) = @_;

    return known($self->judge($answer, $code, $message));
}

# An error status is judged by what is known, everything else only if no other
# messages would be judged otherwise.

sub unseen {
    my ($self, $answer) = @_;

    my @seen = @{ $answer->{seen} };
    my %is = map { @$_ } @seen;
    my ($message) = grep { length } map { $is{$_} // '' } qw(m n);
    my @codes = $self->codes($answer, \%is);

    return $self->judge($answer, $self->chosen($answer, $message, @codes),
                        $message, 'cut')
        if $answer->{status} >= 400;

    # the first place that can have a code: a header is known to be none

    my $none = { verdict => 'none', reason => $answer->{reason} };
    my ($place) = grep { length $codes[$_] || $self->{sources}[$_] ne 'h' }
                  0 .. $#codes;
    my $first = $codes[$place];

    return $none if !length $first;

    my $gives_way = $self->{gives_way}{ $self->{sources}[$place] };

    return $none
        if $gives_way && !$self->has_row($answer, $first, $message);

    my $expected = $self->judge($answer, $first, $message);

    return $expected if length($is{m} // '');
    return $self->settled($answer, $first, $gives_way) ? $expected : $none;
}

# Whether a code has the same kind of verdict with every message: what a row asks
# for may come, whatever it is.

sub settled {
    my ($self, $answer, $code, $gives_way) = @_;

    my @rows = grep { $self->suits($answer, $_, $code) } $self->order;
    my %kinds;

    for my $row (@rows) {
        $kinds{ $row->{kind} } = 1;
        last if !defined $row->{message};
    }

    if (!grep { !defined $_->{message} } @rows) {
        return 0 if $gives_way;
        $kinds{error} = 1;
    }

    return keys %kinds == 1;
}

# By the first pattern that matches; what reaches an end that is none is not
# there.  Of a part the matches of "each" say nothing, unless the status does, and
# the first path counts alone.

sub read_text {
    my ($self, $answer) = @_;

    my ($text) = $self->matches($answer);
    my $none = { verdict => 'none', reason => $answer->{reason} // 'no_code' };
    my $part = $text && $text->{each} && $answer->{reason}
               && $answer->{status} < 400;

    if (length $answer->{header}) {
        return $none if $part
                        && ($self->{sources}[0] ne 'h'
                            || !$self->settled($answer, $answer->{header},
                                               $self->{gives_way}{h}));

        my $verdict = $self->judge($answer, $answer->{header},
                                   $text && $self->first_text($text));

        return $verdict if !$self->{gives_way}{h} || !$text || known($verdict);

        my $other = $self->read_text({ %$answer, header => '' });

        return known($other) ? $other : $verdict;
    }

    if (!$text) {
        return $none if $answer->{status} < 400;
        return $self->judge($answer, undef, undef, 'cut');
    }

    if ($text->{each}) {
        return $none if $part;
        return $self->elements({ %$answer, items => $text->{items},
                                 outer => '' });
    }

    my %is = map { @$_ } @{ $text->{items}[0] };

    return $none
        if !length $is{c} && $answer->{reason} && $answer->{status} < 400;

    return $self->judge($answer, length $is{c} ? $is{c} : undef,
                        length $is{m} ? $is{m} : undef,
                        $answer->{reason} ? 'cut' : undef);
}

# Whether a verdict is that of a code which a row has.

sub known {
    my ($verdict) = @_;

    return ($verdict->{code} // '') eq 'PARTIAL_FAILURE'
           || ($verdict->{level} // '') =~ /^(?:exact|class|pattern)$/;
}

sub first_text {
    my ($self, $text) = @_;

    my @said = grep { length } map { $_->[0] eq 'm' ? $_->[1] : () }
               map { @$_ } @{ $text->{items} };
    my ($first) = grep { /\S/ } @said;

    return $first // $said[0];
}

sub matches {
    my ($self, $answer) = @_;

    for my $text (@{ $self->{texts} }) {
        my ($regex, $name) = @{ $text->{pattern} };
        my @items;

        pos($answer->{text}) = 0;

        while ($answer->{text} =~ /$regex/g) {

            # what would go on

            last if $answer->{reason} && $+[0] == length $answer->{text};

            my %is = (c => $name // $+{code} // '', m => $+{message} // '');

            # a message of blanks is one all the same, if there is no other

            push @items, [ [ c => trim($is{c}) ],
                           [ m => $is{m} =~ /\S/ ? trim($is{m})
                                  : length $is{m} ? ' ' : '' ] ];
            last if !$text->{each};
        }

        return { each => $text->{each}, items => \@items } if @items;
    }

    return;
}

sub trim { return $_[0] =~ s/^\s+|\s+$//gr }

# The verdicts that answers which go on differently would have.

sub continued {
    my ($self, $answer) = @_;

    my %is = map { @$_ } @{ $answer->{seen} };
    my @m = defined $is{m} ? () : map { [ m => $_ ] } @texts, '';
    my @n = defined $is{n} ? () : map { [ n => $_ ] } @texts, '';
    my @codes = map { defined $is{$_} ? () : ([ $_ => '1' ], [ $_ => 'ab' ]) }
                qw(c d);
    my %verdicts;

    for my $m (undef, @m) {
        for my $n (undef, @n) {
            for my $code (undef, @codes) {
                my $whole = $self->whole($answer, @{ $answer->{seen} },
                                         grep { $_ } $m, $n, $code);

                $verdicts{ $whole->{verdict} } = 1;
            }
        }
    }

    return sort keys %verdicts;
}

sub elements {
    my ($self, $answer) = @_;

    my (@judged, $failed);

    # a header stands before the list

    if (length $answer->{header}) {
        my ($text) = grep { length } $self->first_text($answer) // '',
                     $answer->{outer};

        return $self->judge($answer, $answer->{header}, $text);
    }

    for my $item (@{ $answer->{items} }) {
        my %is = map { @$_ } @$item;
        my ($message) = grep { length } $is{m} // '', $answer->{outer};
        my $code = $self->chosen($answer, $message, $self->codes($answer, \%is));

        next if !defined $code;

        push @judged, $self->judge($answer, $code, $message);
        $failed++ if $judged[-1]{verdict} eq 'error';
    }

    if (!@judged) {

        # no element is the one that counts: the first text does

        my ($text) = grep { length } $self->first_text($answer) // '',
                     $answer->{outer};

        return $self->judge($answer, undef, $text,
                            $answer->{reason} ? 'cut' : undef);
    }

    if ($answer->{status} >= 400) {
        my ($known) = grep { $_->{match} ne 'status' && !$_->{by_status} }
                      @judged;

        return $known // $judged[0];
    }

    for my $kind (qw(error success notice)) {
        my ($first) = grep { $_->{verdict} eq $kind } @judged or next;

        return $first if $kind ne 'error'
                         || $failed == @{ $answer->{items} };
        return { %$first, verdict => 'notice', code => 'PARTIAL_FAILURE' };
    }
}

sub judge {
    my ($self, $answer, $code, $message, $cut) = @_;

    for my $row ($self->order) {
        next if $cut && $row->{level} eq 'absent';
        next if !$self->suits($answer, $row, $code);
        next if defined $row->{message}
                && !covers($row->{message}, $message);

        return { verdict => $row->{kind}, code => $row->{unified},
                 match => defined $row->{message} ? 'message' : $row->{level},
                 level => $row->{level}, by_status => $row->{level} eq 'status',
                 line => $row->{number} + 1 };
    }

    return { verdict => 'error', match => 'status', by_status => 1,
             code => $self->{general}{ $answer->{status} } }
        if $answer->{status} >= 400;

    return { verdict => 'error', match => 'none', code => 'UNKNOWN' }
        if defined $code;

    return { verdict => 'none', reason => 'no_code' };
}

# All rows, those that are asked first before the others.

sub order {
    my ($self) = @_;

    my $n = 0;
    my %level = map { $_ => $n++ } @levels;

    return sort {
        $level{ $a->{level} } <=> $level{ $b->{level} }
        || defined($b->{message}) <=> defined($a->{message})
        || defined($b->{scope}) <=> defined($a->{scope})
        || defined($b->{status}) <=> defined($a->{status})
        || ($b->{status} // '') =~ /^\d+$/ <=> ($a->{status} // '') =~ /^\d+$/
        || literals($b->{message}) <=> literals($a->{message})
        || spelled($b) <=> spelled($a)
        || $a->{number} <=> $b->{number}
    } @{ $self->{rows} };
}

sub literals {
    my ($template) = @_;

    return 0 if !defined $template;

    utf8::decode($template);
    $template =~ s/\{\w+\}|\*//g;

    return length $template;
}

sub spelled {
    my ($row) = @_;

    return 0 if $row->{level} !~ /class|pattern|status/;
    return scalar(() = $row->{key} =~ /[^x*]/g);
}

# Whether a row is one for this answer, whatever message it asks for.

sub suits {
    my ($self, $answer, $row, $code) = @_;

    my $status = $answer->{status};

    return 0 if $status >= 400 && $row->{kind} ne 'error';
    return 0 if defined $row->{scope} && $row->{scope} ne $answer->{scope};
    return 0 if defined $row->{status} && $status !~ digits($row->{status});
    return $status =~ digits($row->{key}) if $row->{level} eq 'status';
    return !defined $code if $row->{level} eq 'absent';
    return 0 if !defined $code;
    return $code =~ digits($row->{key}) if $row->{level} eq 'class';
    return $code eq $row->{key} if $row->{level} eq 'exact';
    return covers($row->{key}, $code);
}

sub digits {
    my ($class) = @_;

    $class =~ s/x/\\d/g;

    return qr/^$class$/;
}

sub covers {
    my ($template, $text) = @_;

    return 0 if !defined $text;

    $text = trim($text);

    utf8::decode($template);
    utf8::decode($text);

    my $regex = join '', map { /^[*{]/ ? '.*' : quotemeta }
                split /(\*|\{\w+\})/, $template;

    return $text =~ /^$regex$/si;
}

1;
