package TelephonyModel;

# What catalogs/README.md says about rows, written down a second time: which
# row wins, what an element of a list or a member means, what is present, and
# what may be concluded when an answer ends unseen.  A catalog and answers are made from a number (the seed).
#
#     my $model = TelephonyModel->new($seed, $general);
#
#     $model->text("acme");      # the catalog, one row a line
#     $answer = $model->answer;  # { status, scope, body, cut, ... }
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

sub one_of { return $_[int rand @_] }
sub chance { return rand(100) < $_[0] }

sub new {
    my ($class, $seed, $general) = @_;

    srand $seed;

    my $self = bless { general => $general, lists => chance(30) }, $class;
    my %seen;

    # what is read in which order, and the code of what is present

    $self->{star} = $self->{lists} && chance(50);
    $self->{sources} = [ qw(c d) ];

    if (!$self->{lists} && chance(40)) {
        $self->{present} = code([1, 2]);
        $self->{sources} = one_of([qw(c d p)], [qw(p c d)]);
    }

    for (1 .. 4 + int rand 12) {
        my $row = row();
        my $key = join '|', map { lc($row->{$_} // '') }
                  qw(level key scope status message);

        push @{ $self->{rows} }, $row if !$seen{$key}++;
    }

    push @{ $self->{rows} }, $self->row_of_present() if $self->{present};

    $_->{number} = ++$self->{nrows} for @{ $self->{rows} };

    return $self;
}

sub code {
    my ($set) = @_;

    return join '', map { one_of(@$set) } 1 .. 1 + int rand 3;
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
        $row{key} = one_of(qw(1x 2x 1xx 2xx 11x 12x 21x 22x));

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

# What is present needs a row, whatever else that asks for.

sub row_of_present {
    my ($self) = @_;

    my $code = $self->{present};

    for my $row (@{ $self->{rows} }) {
        return () if $row->{level} eq 'exact' && $row->{key} eq $code
                     || $row->{level} eq 'class'
                        && $code =~ digits($row->{key})
                     || $row->{level} eq 'pattern'
                        && covers($row->{key}, $code);
    }

    my $row;

    do { $row = row() } while ($row->{level} ne 'exact');

    $row->{key} = $code;

    return $row;
}

sub text {
    my ($self, $name) = @_;

    my $paths = 'code c d; message m n;';

    if ($self->{star}) {
        $paths = 'code items.*.c items.*.d; message items.*.m n;';

    } elsif ($self->{lists}) {
        $paths = 'code items[].c items[].d; message items[].m n;';

    } elsif ($self->{present}) {
        my @statements = ("present p code=$self->{present};", 'code c d;');

        @statements = reverse @statements if $self->{sources}[0] ne 'p';
        $paths = "@statements message m n;";
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
                  scope => one_of('', '', 's', 't'));

    if ($self->{lists}) {
        $answer{items} = [ map { [ members(qw(c d m)) ] } 0 .. int rand 4 ];
        $answer{outer} = chance(40) ? one_of(@texts) : '';

        my $n = 0;
        my $body = join ',', map {
            ($self->{star} ? '"k' . $n++ . '":' : '') . object(@$_)
        } @{ $answer{items} };

        $body = $self->{star} ? "{$body}" : "[$body]";
        $answer{body} = "{\"n\":\"$answer{outer}\",\"items\":$body}";

        return \%answer;
    }

    $answer{members} = [ members(qw(c d m n),
                                 $self->{present} ? 'p' : ()) ];
    $answer{body} = object(@{ $answer{members} });

    if (chance(60)) {

        # all behind a place is not seen: the text ends there, or the window

        my $n = int rand(1 + @{ $answer{members} });
        my @seen = @{ $answer{members} }[0 .. $n - 1];

        $answer{seen} = \@seen;
        $answer{reason} = one_of(qw(truncated window));
        $answer{body} = object(@seen);
        $answer{body} =~ s/\}$//;
        $answer{body} .= (@seen ? ',' : '') . '"z":';
        $answer{body} .= '"' . 'z' x 600 . '"}' if $answer{reason} eq 'window';
    }

    return \%answer;
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

    return $self->elements($answer) if $self->{lists};
    return $self->whole($answer, @{ $answer->{members} }) if !$answer->{seen};
    return $self->unseen($answer);
}

sub whole {
    my ($self, $answer, @members) = @_;

    my %is = map { @$_ } @members;
    my ($code) = grep { length } $self->codes(\%is);
    my ($message) = grep { length } map { $is{$_} // '' } qw(m n);

    return $self->judge($answer, $code, $message);
}

# What each of the sources gives, in the order of preference.

sub codes {
    my ($self, $is) = @_;

    return map {
        my $value = $is->{$_} // '';

        $_ ne 'p' ? $value
        : !length($value) || grep({ $_ eq $value } @missing) ? ''
        : $self->{present};
    } @{ $self->{sources} };
}

# An error status is judged by what is known, everything else only if no other
# messages would be judged otherwise.

sub unseen {
    my ($self, $answer) = @_;

    my @seen = @{ $answer->{seen} };
    my %is = map { @$_ } @seen;

    my ($first) = $self->codes(\%is);

    if ($answer->{status} >= 400) {
        my ($code) = grep { length } $self->codes(\%is);
        my ($message) = grep { length } map { $is{$_} // '' } qw(m n);

        return $self->judge($answer, $code, $message, 'cut');
    }

    my $none = { verdict => 'none', reason => $answer->{reason} };

    return $none if !length $first;

    my $expected = $self->whole($answer, @seen);

    return $expected if length($is{m} // '');

    # what a row asks for may come, whatever it is

    my @rows = grep { $self->suits($answer, $_, $first) } $self->order;
    my %kinds;

    for my $row (@rows) {
        $kinds{ $row->{kind} } = 1;
        last if !defined $row->{message};
    }

    $kinds{error} = 1 if !@rows || !grep { !defined $_->{message} } @rows;

    return keys %kinds == 1 ? $expected : $none;
}

# The verdicts that answers which go on differently would have.

sub continued {
    my ($self, $answer) = @_;

    my %is = map { @$_ } @{ $answer->{seen} };
    my @m = defined $is{m} ? () : map { [ m => $_ ] } @texts, '';
    my @n = defined $is{n} ? () : map { [ n => $_ ] } @texts, '';
    my %verdicts;

    for my $m (undef, @m) {
        for my $n (undef, @n) {
            my $whole = $self->whole($answer, @{ $answer->{seen} },
                                     grep { $_ } $m, $n);

            $verdicts{ $whole->{verdict} } = 1;
        }
    }

    return sort keys %verdicts;
}

sub elements {
    my ($self, $answer) = @_;

    my (@judged, $failed);

    for my $item (@{ $answer->{items} }) {
        my %is = map { @$_ } @$item;
        my ($code) = grep { length } map { $is{$_} // '' } qw(c d);
        my ($message) = grep { length } $is{m} // '', $answer->{outer};

        next if !defined $code;

        push @judged, $self->judge($answer, $code, $message);
        $failed++ if $judged[-1]{verdict} eq 'error';
    }

    if (!@judged) {

        # no element is the one that counts: the first text does

        my ($text) = grep { length }
                     (map { $_->[0] eq 'm' ? $_->[1] : () }
                      map { @$_ } @{ $answer->{items} }), $answer->{outer};

        return $self->judge($answer, undef, $text);
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
                 by_status => $row->{level} eq 'status',
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

    utf8::decode($template);
    utf8::decode($text);

    my $regex = join '', map { /^[*{]/ ? '.*' : quotemeta }
                split /(\*|\{\w+\})/, $template;

    return $text =~ /^$regex$/si;
}

1;
