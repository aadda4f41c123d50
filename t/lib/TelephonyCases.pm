package TelephonyCases;

# Many answers of a vendor in one block: "use TelephonyCases;" behind
# "use TelephonyTest;" adds the section
#
#     --- cases
#     200 {"status":"ok"}             -> success OK 200 exact
#     /api/x?s=1 405 {"c":11}         -> error NOT_FOUND 404 message
#         detail: No such extension
#         provider.code: 11
#     200 <html>                      -> none not_json
#
# A case is a request (GET of a URI of its own in /api/ unless one is given,
# perhaps with a method before it), what the vendor answers (status and body),
# and what must be concluded: $telephony_verdict, code, status, match and
# reason, as far as they are set.  The status of the answer must be that
# status, or the vendor's.  An error must have an envelope with that code, and
# the indented lines are its members as in the section "envelope"; any other
# answer must have the vendor's body.  With a body of "@name" the bytes are
# those that "cases_bodies eval" has under that name.
#
# Lines that begin with "#" and empty lines are skipped.

use strict;
use warnings;

use JSON::PP;
use Test::More ();
use TelephonySchema ();
use TelephonyTest ();

sub import {
    Test::Nginx::Socket::add_block_preprocessor(\&_prepare);
    Test::Nginx::Socket::add_response_body_check(\&_check);
}

my @cases;

sub _prepare {
    my ($block) = @_;

    @cases = ();

    return unless defined $block->cases;

    my $bodies = $block->cases_bodies || {};

    for my $line (split /\n/, $block->cases) {
        next if $line =~ /^\s*(?:#|$)/;

        if ($line =~ /^\s+(\S.*)/) {
            $cases[-1]{envelope} .= "$1\n";
            next;
        }

        my ($ask, $status, $body, $want) =
            $line =~ m{^((?:[A-Z]+ )?/\S* +)?(\d{3}) (.*?)\s*->\s*(.*?)\s*$}
            or die $block->name . ": what is \"$line\"?\n";

        $ask //= 'GET /api/' . (@cases + 1);
        $ask = "GET $ask" if $ask =~ m{^/};
        $ask =~ s/ +$//;

        $body = $bodies->{$1} // die "no body $1\n" if $body =~ /^@(\w+)$/;

        push @cases, { line => $line, ask => $ask, status => $status,
                       body => $body, want => $want, envelope => '' };
    }

    my %routes;

    for my $case (@cases) {
        my ($path) = $case->{ask} =~ m{ ([^?]*)};
        my %answer = map { $_ => $case->{$_} } qw(status body);

        for my $name (qw(framing split gap)) {
            my $section = "upstream_$name";
            my $value = $block->$section // next;

            ($answer{$name} = $value) =~ s/\n\z//;
        }

        $answer{headers} = [split /\n/, $block->upstream_headers]
            if defined $block->upstream_headers;

        die $block->name . ": two answers for $path\n" if $routes{$path};
        $routes{$path} = \%answer;
    }

    $block->set_value('upstream_routes', \%routes);
    $block->set_value('request', defined $block->provider ? 'GET /api/none'
                                                          : 'GET /')
        unless $block->request;
    $block->set_value('http_config', ($block->http_config // '') . <<'END');
    add_header X-Judged "$telephony_verdict $telephony_code $telephony_status $telephony_match $telephony_reason" always;
END

    TelephonyTest::_prepare_answer($block);
}

sub _check {
    my ($block, undef, undef, undef, $dry_run) = @_;

    return if !@cases || $dry_run;

    my @failed = map { _ask($_) } @cases;

    Test::More::ok(!@failed, $block->name . ' - ' . @cases . ' cases');
    Test::More::diag(join "\n", @failed) if @failed;
}

sub _ask {
    my ($case) = @_;

    my ($status, $head, $body) = TelephonyTest::http(
        Test::Nginx::Socket::server_port(),
        "$case->{ask} HTTP/1.1\r\nHost: localhost\r\n"
        . "Connection: close\r\n\r\n");

    $status //= 'no answer';

    my ($judged) = ($head // '') =~ /^X-Judged:\s*(.*?)\s*$/mi;

    $judged //= '';
    $judged =~ s/ +/ /g;

    my ($want_status) = $case->{want} =~ / ([2-5]\d\d)\b/;
    my @problems;

    push @problems, "judged \"$judged\"" if $judged ne $case->{want};
    push @problems, "status $status"
        if $status ne ($want_status // $case->{status});

    if ($case->{ask} =~ /^HEAD/) {
        push @problems, 'body' if length $body;

    } elsif ($case->{want} =~ /^error (\S+)/) {
        push @problems, _envelope($case, $1, $status, $body);

    } elsif ($body ne $case->{body}) {
        push @problems, "body $body";
    }

    return @problems ? "$case->{line}: " . join '; ', @problems : ();
}

sub _envelope {
    my ($case, $code, $status, $body) = @_;

    my $json = eval { JSON::PP->new->utf8->decode($body) };

    return "no JSON object: $body" if ref $json ne 'HASH';

    my @problems = TelephonySchema::problems($json);
    my $want = "code: $code\nstatus: $status\n$case->{envelope}";

    utf8::decode($want) unless utf8::is_utf8($want);

    for my $line (split /\n/, $want) {
        my ($path, $value) = $line =~ /^(\S+?):\s*(.*?)\s*$/ or next;
        my $got = TelephonyTest::_at($json, split /\./, $path);

        $got = $got ? 'true' : 'false' if JSON::PP::is_bool($got);
        $got //= '';

        push @problems, "$path is \"$got\", not \"$value\"" if $got ne $value;
    }

    utf8::encode($_) for @problems;

    return @problems;
}

1;
