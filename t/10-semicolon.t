# A forgotten semicolon: every statement without its ";" before every other, in
# catalogs and among the unified codes, is refused with the guess.  Rows and
# paths are lists without an end, so nothing but the words of the next
# statement can tell.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();

use File::Path qw(make_path remove_tree);
use Test::More;

my $dir = "$ENV{TEST_NGINX_SERVROOT}-semicolon";
my $nginx = $ENV{TEST_NGINX_BINARY} || 'nginx';
my $modules = join '', map { "load_module $_;\n" }
              split ' ', $ENV{TEST_NGINX_LOAD_MODULES};

remove_tree($dir);
make_path("$dir/logs");
write_file('empty.inc', '');

# Statements by their first word, the shortest and the longest forms of each.

my %catalog = (
    code       => ['code c1', 'code c2 c3[].c4 c5'],
    message    => ['message m1', 'message m2 m3'],
    field      => ['field f1', 'field f2[].a detail=f2[].b pointer=f2[].c'],
    scope      => ['scope $uri'],
    alias      => ['alias 1 ONE', 'alias error "an error"'],
    nocode     => ['nocode 90', 'nocode none n/a'],
    repeatable => ['repeatable never', 'repeatable GET HEAD'],
    language   => ['language en'],
    challenge  => [q{challenge 'Basic realm="a"'}],
    allow      => ['allow GET', 'allow GET POST'],
    success    => ['success 0', 'success a=b', 'success match=1',
                   'success 00 OK success', 'success 2 scope=a',
                   'success scope=b 3 status=200 "message=a b"'],
    notice     => ['notice 10 NO_RESULTS', 'notice notice NO_RESULTS "None"',
                   'notice 11 12 status=2xx "message=x" NO_RESULTS'],
    error      => ['error 20 NOT_FOUND', 'error 21 22 NOT_FOUND "Not there"',
                   'error NOT_FOUND NOT_FOUND', 'error error NOT_FOUND',
                   'error 23 scope=a "message={a} b" field=a NOT_FOUND "{a}"',
                   'error "Too Many Requests" RATE_LIMITED'],
    absent     => ['absent success', 'absent scope=s NOT_FOUND "Nothing"',
                   'absent "message=m" success', 'absent status=404 NOT_FOUND'],
    status     => ['status 404 NOT_FOUND', 'status 405 5xx NOT_FOUND "No"'],
    example    => [q{example 200 '{"x":1}' none}, q{example 200 '' none},
                   q{example match=none scope=a 200 'error' none}],
    include    => ["include $dir/empty.inc"],
);

my %codes = (
    status   => ['status 451 NOT_FOUND', 'status 452 453 NOT_FOUND'],
    category => ['category MINE'],
    include  => ["include $dir/empty.inc"],
    CODE     => ['MINE_1 400 CONFLICT no "Mine"',
                 'MINE_2 400 - no "Mine" "It is mine."'],
);

matrix('telephony_catalog', \%catalog);
matrix('telephony_codes', \%codes);

remove_tree($dir);
done_testing();

sub matrix {
    my ($block, $statements) = @_;

    for my $first (sort keys %$statements) {
        my @wrong = ();

        for my $one (@{ $statements->{$first} }) {

            # what is asked below must be the semicolon's fault

            my $fine = test_config($block, "$one;");

            push @wrong, "$one; -> $fine" if $fine ne '';

            for my $other (map { @{ $statements->{$_} } }
                           sort keys %$statements)
            {
                my $log = test_config($block, "\n$one\n$other;");

                push @wrong, "$one | $other; -> $log"
                    if $log !~ /is a ";" missing.* in \S+acme\.conf:(?:3|4)$/;
            }
        }

        is(join("\n", @wrong), '',
           "$block: \"$first\" without its semicolon before each statement");
    }
}

# What nginx -t says of one statement in an otherwise right configuration.

sub test_config {
    my ($block, $text) = @_;

    my $catalog = "code base; message base_text; success base_ok;\n";

    if ($block eq 'telephony_codes') {
        write_file('acme.conf', "telephony_codes { $text\n}\n");
        write_file('base.conf', '');

    } elsif ($text =~ /^\s*(?:code|message|field)\b/) {
        write_file('acme.conf', "telephony_catalog acme { $text\n"
                                . "success base_ok; }\n");
        write_file('base.conf', '');

    } else {
        my $scope = $text =~ /^\s*scope / ? '' : 'scope $uri;';

        write_file('acme.conf', "telephony_catalog acme { $text\n}\n");
        write_file('base.conf', "telephony_catalog acme { $scope $catalog }\n");
    }

    write_file('nginx.conf', <<"END");
${modules}pid $dir/logs/nginx.pid;
events { }
http {
    access_log off;
    include $ENV{TEST_NGINX_CATALOGS}/codes.conf;
    include $dir/base.conf;
    include $dir/acme.conf;
}
END

    my $log = `$nginx -e $dir/logs/error.log -p $dir/ -c $dir/nginx.conf -q -t 2>&1`;

    $log =~ s/^nginx: \[warn\] the "user" directive .*\n//mg;
    $log =~ s/^nginx: configuration file .*\n//mg;

    return $log;
}

sub write_file {
    my ($name, $text) = @_;

    open my $out, '>', "$dir/$name" or die "$dir/$name: $!\n";
    print $out $text;
    close $out;
}
