# Catalogs that are wrong in every way that the grammar allows: each is refused
# by nginx -t with file, line and what to do.
#
# A block is a file "acme.conf", included behind the shipped codes.  The line
# that must be named is the one with the comment #!, the message that of
# "--- says" (a regular expression, without file and line).  Blocks with
# "--- warns" are accepted with that warning, blocks with "--- fine" without a
# word.

use strict;
use warnings;

use lib 't/lib';
use TelephonyTest ();

use File::Path qw(make_path remove_tree);
use POSIX qw(mkfifo);
use Test::Base -Base;

my $dir = "$ENV{TEST_NGINX_SERVROOT}-mistakes";
my $nginx = $ENV{TEST_NGINX_BINARY} || 'nginx';
my $modules = join '', map { "load_module $_;\n" }
              split ' ', $ENV{TEST_NGINX_LOAD_MODULES};

remove_tree($dir);
make_path("$dir/logs");
mkfifo("$dir/fifo", 0600) or die "$dir/fifo: $!\n";

plan tests => 1 * blocks();

check($_) for blocks();

remove_tree($dir);

sub write_file() {
    my ($name, $text) = @_;

    open my $out, '>', "$dir/$name" or die "$dir/$name: $!\n";
    print $out $text;
    close $out;
}

sub check() {
    my ($block) = @_;

    my $acme = $block->acme // '';
    my $before = $block->before // '';
    my $other = $block->other // '';
    my $server = $block->server // '';
    my $codes = defined $block->nocodes
                ? '' : "include $ENV{TEST_NGINX_CATALOGS}/codes.conf;";

    write_file('acme.conf', $acme);
    write_file('other.conf', $other);
    write_file('nginx.conf', <<"END");
${modules}pid $dir/logs/nginx.pid;
events { }
http {
    access_log off;
    $codes
    $before
    include $dir/acme.conf;
    include $dir/other.conf;
    server { listen 127.0.0.1:$ENV{TEST_NGINX_SERVER_PORT};
             location /a/ { $server } }
}
END

    my $log = `$nginx -e $dir/logs/error.log -p $dir/ -c $dir/nginx.conf -q -t 2>&1`;
    my $failed = $? >> 8;

    $log =~ s/^nginx: \[warn\] the "user" directive .*\n//mg;
    $log =~ s/^nginx: configuration file .*\n//mg;

    if (defined $block->fine) {
        is($log, '', $block->name);
        return;
    }

    chomp(my $says = $block->warns // $block->says);

    my ($file, $line) = ('acme.conf', line_of($acme));

    ($file, $line) = ('other.conf', line_of($other)) unless $line;
    ($file, $line) = ('nginx.conf', '\d+') unless $line;

    my $level = defined $block->warns ? 'warn' : 'emerg';
    my $expected = qr{^nginx: \[$level\] $says in \Q$dir\E/$file:$line\n\z};

    if ($failed == ($level eq 'emerg') && $log =~ $expected) {
        pass($block->name);

    } else {
        fail($block->name);
        diag("exit code $failed: ${log}expected: $expected");
    }
}

sub line_of() {
    my ($text) = @_;

    my $before = $text =~ /^(.*?)#!/s ? $1 : return 0;

    return 1 + ($before =~ tr/\n//);
}

__DATA__

=== an unknown statement
--- acme
telephony_catalog acme {
    code     c;
    errors   1 NOT_FOUND; #!
}
--- says chomp
unknown statement "errors" in telephony_catalog; it has code, present, message, .* and include

=== a statement with too few arguments
--- acme
telephony_catalog acme {
    code; #!
}
--- says chomp
wrong number of arguments, expected: code path \| header:NAME \.\.\. .*;

=== a statement with too many arguments
--- acme
telephony_catalog acme { code c;
    alias 1 A B; #!
}
--- says chomp
wrong number of arguments, is a ";" missing\?, expected: alias wire-value name;

=== an include that does not exist
--- acme
telephony_catalog acme { code c;
    include nothing.inc; #!
}
--- says chomp
open\(\) "\S+nothing.inc" failed \(2: No such file or directory\)

=== a block where a statement is due
--- acme
telephony_catalog acme { code c;
    error 1 NOT_FOUND { #!
    }
}
--- says chomp
unexpected "\{"

=== a misspelt unified code
--- acme
telephony_catalog acme { code c;
    error 1 QUOTA_EXCEDED; #!
}
--- says chomp
"QUOTA_EXCEDED" is no unified code: correct it, or define it in telephony_codes

=== a misspelt unified code before its sentence
--- acme
telephony_catalog acme { code c;
    error 1 QUOTA_EXCEDED "The allowance is used up"; #!
}
--- says chomp
"QUOTA_EXCEDED" is no unified code: a row ends with a code of telephony_codes and may have a sentence behind it

=== a unified code in small letters
--- acme
telephony_catalog acme { code c;
    error 1 not_found; #!
}
--- says chomp
"1" is no unified code: a row ends with a code of telephony_codes and may have a sentence behind it

=== a row without a unified code
--- acme
telephony_catalog acme { code c;
    error 1 2; #!
}
--- says chomp
"1" is no unified code: a row ends with .*

=== a row without a provider code
--- acme
telephony_catalog acme { code c; scope $uri;
    error scope=a NOT_FOUND; #!
}
--- says chomp
no provider code is given in "error"

=== a success row without a provider code
--- acme
telephony_catalog acme { code c; scope $uri;
    success scope=a; #!
}
--- says chomp
no provider code is given in "success"

=== a status row without a status
--- acme
telephony_catalog acme { code c; scope $uri;
    status NOT_FOUND "The sentence"; #!
}
--- says chomp
no HTTP status is given in "status"

=== the place is that of the statement's end
--- acme
telephony_catalog acme { code c;
    error
        1
        QUOTA_EXCEDED
        ; #!
}
--- says chomp
"QUOTA_EXCEDED" is no unified code: .*

=== an error row whose unified code is never an error
--- acme
telephony_catalog acme { code c;
    error 1 CALL_ENDED; #!
}
--- says chomp
"CALL_ENDED" is never an error, its HTTP status is 200: use a "notice" row, or another code

=== an absent row whose unified code is never an error
--- acme
telephony_catalog acme { code c;
    absent CALL_ENDED; #!
}
--- says chomp
"CALL_ENDED" is never an error, .*

=== a code in an absent row
--- acme
telephony_catalog acme { code c;
    absent 17 NOT_FOUND; #!
}
--- says chomp
unexpected argument "17": an "absent" row has no code

=== a sentence behind absent success
--- acme
telephony_catalog acme { code c;
    absent success "All is well"; #!
}
--- says chomp
"success" is no unified code: .*

=== two rows for one code name both lines
--- acme
telephony_catalog acme { code c;
    error 1 NOT_FOUND;
    error 2 3
          1 NO_CHANGES; #!
}
--- says chomp
a row for "1" with the same scope, status and message stands in \S+acme\.conf:2 already: write it once

=== two rows for one code, in other letters, as an alias, or as a number
--- acme
telephony_catalog acme { code c; alias 11 Ação;
    success AÇÃO;
    error "11" NOT_FOUND; #!
}
--- says chomp
a row for "ação" with the same scope, status and message stands in \S+acme\.conf:2 already: write it once

=== two rows with one scope, status and message
--- acme
telephony_catalog acme { code c; message m; scope $uri;
    error 1 scope=A status=4xx "message= Text {x}" NOT_FOUND;
    error 1 "message=text {x} " status=4xx NOT_FOUND;
    error 1 "message=text {x} " NOT_FOUND;
    error 1 status=4XX scope=a "message=tEXT {x} " NOT_FOUND; #!
}
--- says chomp
a row for "1" with the same scope, status and message stands in \S+acme\.conf:\d already: write it once

=== two rows for one pattern
--- acme
telephony_catalog acme { code c;
    error a* NOT_FOUND;
    error A* NOT_FOUND; #!
}
--- says chomp
a row for "a\*" with the same .*acme\.conf:2 already: write it once

=== two rows for one class
--- acme
telephony_catalog acme { code c;
    error 22xx NOT_FOUND;
    error 22XX NOT_FOUND; #!
}
--- says chomp
a row for "22xx" with the same .*acme\.conf:2 already: write it once

=== two absent rows
--- acme
telephony_catalog acme { code c;
    absent success;
    absent NOT_FOUND; #!
}
--- says chomp
a row for "absent" with the same .*acme\.conf:2 already: write it once

=== two status rows
--- acme
telephony_catalog acme { code c;
    status 404 NOT_FOUND;
    status 4xx 404 NO_CHANGES; #!
}
--- says chomp
a row for "404" with the same .*acme\.conf:2 already: write it once

=== one code twice in a row
--- acme
telephony_catalog acme { code c;
    error 5 5 NOT_FOUND; #!
}
--- says chomp
a row for "5" with the same .*acme\.conf:2 already: write it once

=== two extensions with equal keys
--- acme
telephony_catalog acme { code c; error 1 NOT_FOUND; }
telephony_catalog acme { error 1 NO_CHANGES; }
telephony_catalog acme { error 1 INTERNAL; } #!
--- says chomp
a row for "1" with the same .*acme\.conf:2 already: write it once

=== two bases name both lines
--- acme
telephony_catalog acme { code c; }
telephony_catalog acme { message m; } #!
--- says chomp
telephony_catalog "acme" has a base already, in \S+acme\.conf:1: only one block may have "code", "present", "text", "message" and "field"; leave them out to extend that base, or write "replaces" behind the name of your own to put it in its place

=== an extension without a base
--- acme
telephony_catalog acme { #!
    error 1 NOT_FOUND;
}
--- says chomp
telephony_catalog "acme" extends a provider that has no base: include its catalog, or name its paths with "code" or "message"

=== an extension of settings alone without a base
--- acme
telephony_catalog acme { #!
    language en;
}
--- says chomp
telephony_catalog "acme" extends a provider that has no base: include its catalog, or name its paths with "code" or "message"

=== an empty catalog
--- acme
telephony_catalog acme { #!
}
--- says chomp
telephony_catalog "acme" extends a provider that has no base: include its catalog, or name its paths with "code" or "message"

=== a name with a capital letter
--- acme
telephony_catalog Acme { code c; } #!
--- says chomp
invalid provider name "Acme": use small letters, .*

=== a name that is off
--- acme
telephony_catalog off { #!
    code c; }
--- says chomp
invalid provider name "off": use small letters, digits, "_", "\.", ":" and "-", 64 at the most, and neither "off" nor "other"

=== a name that the counters of a full zone have
--- acme
telephony_catalog other { #!
    code c; }
--- says chomp
invalid provider name "other": use small letters, .*

=== a name with a character that no metric or header takes
--- acme
telephony_catalog "a b" { #!
    code c; }
--- says chomp
invalid provider name "a b": use small letters, .*

=== an empty name in a path
--- acme
telephony_catalog acme {
    code a..b; #!
}
--- says chomp
path "a\.\.b" has an empty name; a dotted path like "error\.code" or "errors\[\]\.code" is expected

=== a path that begins with a dot
--- acme
telephony_catalog acme {
    code .a; #!
}
--- says chomp
path "\.a" has an empty name; .*

=== a path that ends with a dot
--- acme
telephony_catalog acme {
    code c;
    message a.; #!
}
--- says chomp
path "a\." ends with a dot

=== an index in a path
--- acme
telephony_catalog acme {
    code a[0].b; #!
}
--- says chomp
path "a\[0\]\.b" is no path; a dotted path like "error\.code" or "errors\[\]\.code" is expected

=== a name right behind brackets
--- acme
telephony_catalog acme {
    code a[]b; #!
}
--- says chomp
path "a\[\]b" is no path; .*

=== an open bracket
--- acme
telephony_catalog acme {
    code a[; #!
}
--- says chomp
path "a\[" is no path; .*

=== two [] in a code path
--- acme
telephony_catalog acme {
    code a[].b[].c; #!
}
--- says chomp
path "a\[\]\.b\[\]\.c" has more than one \[\] or \*; a code path may have one

=== [] and * in a code path
--- acme
telephony_catalog acme {
    code a[].*.c; #!
}
--- says chomp
path "a\[\]\.\*\.c" has more than one \[\] or \*; a code path may have one

=== a star at the end of a name
--- acme
telephony_catalog acme {
    code c;
    message a.b*.c; #!
}
--- says chomp
path "a\.b\*\.c" has a "\*" in a name: alone, as in "errors\.\*\.code", it is every member of an object; a star in a name is written "\\\*"

=== a star at the beginning of a name
--- acme
telephony_catalog acme {
    code c;
    message *b; #!
}
--- says chomp
path "\*b" has a "\*" in a name: .*

=== a star right behind brackets
--- acme
telephony_catalog acme {
    code c;
    message a[]*; #!
}
--- says chomp
path "a\[\]\*" has a "\*" in a name: .*

=== a detail that is not in the members of its field
--- acme
telephony_catalog acme {
    code c;
    field errors.* detail=errors.to[]; #!
}
--- says chomp
path "errors\.to\[\]" does not stand in the same list as "errors\.\*"

=== a detail of names in an inner list that its field is not in
--- acme
telephony_catalog acme {
    code c;
    field errors.*.a detail=errors.*.b[]; #!
}
--- says chomp
path "errors\.\*\.b\[\]" does not stand in the same list as "errors\.\*\.a"

=== a path given twice
--- acme
telephony_catalog acme {
    code a b a; #!
}
--- says chomp
path "a" is given twice

=== a path given twice in two statements, or a header
--- acme
telephony_catalog acme {
    code a;
    code b a; #!
}
--- says chomp
path "a" is given twice

=== a header given twice
--- acme
telephony_catalog acme {
    code header:x-error
         a header:X-Error; #!
}
--- says chomp
"header:X-Error" is given twice

=== a header of odd characters
--- acme
telephony_catalog acme {
    code a header:x.error; #!
}
--- says chomp
"header:x\.error" names no header: letters, digits, "-" and "_" are expected, as in "header:x-error-code"; a path that begins so is written "\\header:x\.error"

=== a header without a name
--- acme
telephony_catalog acme {
    code header:; #!
}
--- says chomp
"header:" names no header: .*

=== fallback behind one path
--- acme
telephony_catalog acme {
    code a fallback; #!
}
--- says chomp
"fallback" behind one path, where there is none to fall back to; a path of that name is written "\\fallback"

=== paths that are called so
--- acme
telephony_catalog acme {
    code \fallback \header:x \~ fallback;
    success 0;
    example 200 '{"fallback":"0"}' success;
    example 200 '{"header:x":"0"}' success;
    example 200 '{"~":"0"}' success;
}
--- fine

=== a pattern of a code that is not PCRE2
--- acme
telephony_catalog acme {
    code a ~ "(?<code>[0-9)"; #!
}
--- says chomp
bad pattern "\(\?<code>\[0-9\)": missing terminating \] for character class at its character 14

=== a pattern of a code without the group
--- acme
telephony_catalog acme {
    code a ~ "([0-9]+)"; #!
}
--- says chomp
pattern "\(\[0-9\]\+\)" has no group "code": put \(\?<code> \) around what is the code

=== a pattern of a code with another group
--- acme
telephony_catalog acme {
    code a ~ "(?<code>[0-9]+)(?<message>.*)"; #!
}
--- says chomp
bad pattern .*: unknown group "message"; it has the group "code" alone

=== a pattern for two paths
--- acme
telephony_catalog acme {
    code a b ~ "(?<code>[0-9]+)"; #!
}
--- says chomp
"~" stands between one path and its pattern: code path ~ "\(\?<code>\.\.\.\)"; other paths have a "code" of their own

=== a pattern that is not there
--- acme
telephony_catalog acme {
    code a ~; #!
}
--- says chomp
"~" stands between one path and its pattern: .*

=== a text without a pattern
--- acme
telephony_catalog acme {
    code a;
    text each ~; #!
}
--- says chomp
expected: text \[each\] ~\|~\* "pattern" \[code=VALUE\];

=== a text without a tilde
--- acme
telephony_catalog acme {
    code a;
    text "ERR" code=1; #!
}
--- says chomp
expected: text \[each\] ~\|~\* "pattern" \[code=VALUE\];

=== a text with another word behind it
--- acme
telephony_catalog acme {
    code a;
    text ~ "ERR" kode=1; #!
}
--- says chomp
unexpected "kode=1", expected: text .*

=== a text that swallows the next statement
--- acme
telephony_catalog acme {
    code a;
    text ~ "ERR (?<code>[0-9]+)"
    error 1 NOT_FOUND; #!
}
--- says chomp
wrong number of arguments, is a ";" missing\?, expected: text .*

=== a text with neither a group for the code nor a code
--- acme
telephony_catalog acme {
    code a;
    text ~ "ERR (?<message>.*)"; #!
}
--- says chomp
pattern "ERR \(\?<message>\.\*\)" has no group "code": put \(\?<code> \) around what is the code, or name one with "code="

=== a text with both
--- acme
telephony_catalog acme {
    code a;
    text ~ "ERR (?<code>.*)" code=1; #!
}
--- says chomp
pattern "ERR \(\?<code>\.\*\)" has a group "code" and "code="; it takes one of them

=== a text with an unknown group
--- acme
telephony_catalog acme {
    code a;
    text ~ "ERR (?<code>[0-9]+) (?<text>.*)"; #!
}
--- says chomp
bad pattern .*: unknown group "text"; use code, message, field or detail

=== a text with a group in two places
--- acme
telephony_catalog acme {
    code a;
    text ~ "(?J)ERR (?<code>[0-9]+)|(?<code>[A-Z]+)"; #!
}
--- says chomp
bad pattern .*: group "code" is there twice; write \(\?\|\.\.\.\|\.\.\.\) around the two

=== a group in two branches with one number
--- acme
telephony_catalog acme {
    text ~ "(?|ERR (?<code>[0-9]+)|(?<code>[A-Z]+) (?<message>.*))";
    success OK;
    error 1 NOT_FOUND;
    example 200 "ERR 1" error:NOT_FOUND;
    example 200 "OK x" success;
}
--- fine

=== a text with too many groups
--- acme
telephony_catalog acme {
    code a;
    text ~ "(?<code>a)(b)(b)(b)(b)(b)(b)(b)(b)(b)(b)(b)(b)(b)(b)(b)"; #!
}
--- says chomp
bad pattern .*: it has too many groups, 15 are the most; write \(\?:\.\.\.\) for what is not kept

=== a text with a detail of nothing
--- acme
telephony_catalog acme {
    code a;
    text ~ "(?<code>a)(?<detail>b)"; #!
}
--- says chomp
pattern .* has a group "detail" and no "field" that it could tell of

=== a text in an extension is a second base
--- acme
telephony_catalog acme {
    code a;
    success 0;
}
telephony_catalog acme { #!
    text ~ "(?<code>a)";
}
--- says chomp
telephony_catalog "acme" has a base already.*

=== a header of an example that is no code of the catalog
--- acme
telephony_catalog acme {
    code a header:x-error;
    success 0;
    example header:x-other=1 200 "" none; #!
}
--- says chomp
"header:x-other=1" of an example in a catalog that reads no code of that header

=== a header of an example without a value
--- acme
telephony_catalog acme {
    code a header:x-error;
    success 0;
    example header:x-error 200 "" none; #!
}
--- says chomp
"header:x-error" of an example has no value: write "header:x-error=VALUE"

=== a present path given twice
--- acme
telephony_catalog acme {
    code a;
    present a code=b;
    present a code=c; #!
}
--- says chomp
path "a" is given twice

=== a present without its code
--- acme
telephony_catalog acme {
    present rejected REJECTED; #!
}
--- says chomp
"REJECTED" where a code is expected: name the one that something at "rejected" stands for, as in "present rejected code=REJECTED;"

=== a present with an empty code
--- acme
telephony_catalog acme {
    present rejected code=; #!
}
--- says chomp
"code=" where a code is expected: .*

=== a present with a blank code
--- acme
telephony_catalog acme {
    present rejected "code= "; #!
}
--- says chomp
"code= " must name a code of 1 to 256 bytes

=== a present path with two lists
--- acme
telephony_catalog acme {
    present a.*.b[] code=B; #!
}
--- says chomp
path "a\.\*\.b\[\]" has more than one \[\] or \*; a code path may have one

=== a present with too many words
--- acme
telephony_catalog acme {
    present a code=B success 0; #!
}
--- says chomp
"success" in a "present" statement: is a ";" missing before it\? .*

=== a message path given twice
--- acme
telephony_catalog acme {
    code a; message m n;
    message o m; #!
}
--- says chomp
path "m" is given twice

=== an unknown argument of field
--- acme
telephony_catalog acme {
    code c;
    field a[].b details=a[].c; #!
}
--- says chomp
unknown argument "details=a\[\]\.c", expected: field path \[detail=path\] \[pointer=path\];

=== a detail in another array than its field
--- acme
telephony_catalog acme {
    code c;
    field a[].b detail=b[].c; #!
}
--- says chomp
path "b\[\]\.c" does not stand in the same list as "a\[\]\.b"

=== a detail in no array, its field in one
--- acme
telephony_catalog acme {
    code c;
    field a[].b pointer=c; #!
}
--- says chomp
path "c" does not stand in the same list as "a\[\]\.b"

=== a detail in another inner array than its field
--- acme
telephony_catalog acme {
    code c;
    field a[].b[].c detail=a[].d[].e; #!
}
--- says chomp
path "a\[\]\.d\[\]\.e" does not stand in the same list as "a\[\]\.b\[\]\.c"

=== a detail given twice
--- acme
telephony_catalog acme {
    code c;
    field a detail=b detail=d; #!
}
--- says chomp
"detail=d" is given twice

=== a stray quote in message=
--- acme
telephony_catalog acme { code c; message m;
    error 1 message="a text" NOT_FOUND; #!
}
--- says chomp
stray quote in argument message="a: quote a whole argument, never a part of it, as in "message=a text"

=== a stray single quote in message=
--- acme
telephony_catalog acme { code c; message m;
    error 1 message='a text' NOT_FOUND; #!
}
--- says chomp
stray quote in argument message='a: .*

=== a stray quote without a space
--- acme
telephony_catalog acme { code c; scope $uri;
    error 1 scope="a" NOT_FOUND; #!
}
--- says chomp
stray quote in argument scope="a": .*

=== a stray quote in a code
--- acme
telephony_catalog acme { code c;
    error a"b c" NOT_FOUND; #!
}
--- says chomp
stray quote in argument a"b: .*

=== a stray quote in a path
--- acme
telephony_catalog acme {
    code a."b c"; #!
}
--- says chomp
stray quote in argument a\."b: .*

=== an empty argument
--- acme
telephony_catalog acme { code c;
    error "" NOT_FOUND; #!
}
--- says chomp
empty argument of "error"

=== an empty scope
--- acme
telephony_catalog acme { code c; scope $uri;
    error 1 scope= NOT_FOUND; #!
}
--- says chomp
"scope=" needs a value

=== an empty field
--- acme
telephony_catalog acme { code c;
    error 1 field= NOT_FOUND; #!
}
--- says chomp
"field=" needs a value

=== an empty template
--- acme
telephony_catalog acme { code c; message m;
    error 1 "message= " NOT_FOUND; #!
}
--- says chomp
the message template is empty; write the vendor's text

=== scope given twice in a row
--- acme
telephony_catalog acme { code c; scope $uri;
    error 1 scope=a scope=b NOT_FOUND; #!
}
--- says chomp
"scope=b" is given twice in one row

=== message given twice in a row
--- acme
telephony_catalog acme { code c; message m;
    error 1 "message=a" "message=b" NOT_FOUND; #!
}
--- says chomp
"message=b" is given twice in one row

=== a field in a success row
--- acme
telephony_catalog acme { code c;
    success 1 field=to; #!
}
--- says chomp
"field=to" in a row of success, which has no envelope

=== a scope where the catalog has none
--- acme
telephony_catalog acme { code c;
    error 1 scope=a NOT_FOUND; #!
}
--- says chomp
"scope=a" in a catalog that has no scope: give one first, as in "scope \$variable;"

=== a message where the catalog has none
--- acme
telephony_catalog acme { code c;
    error 1 "message=a" NOT_FOUND; #!
}
--- says chomp
a row asks for a message in a catalog that names no "message" path

=== a wrong status=
--- acme
telephony_catalog acme { code c;
    error 1 status=40 NOT_FOUND; #!
}
--- says chomp
invalid "status=40": use a status like 404, or a class like 4xx, and none in a "status" row

=== a status= that no response has
--- acme
telephony_catalog acme { code c;
    error 1 status=600 NOT_FOUND; #!
}
--- says chomp
invalid "status=600": .*

=== a status= in a status row
--- acme
telephony_catalog acme { code c;
    status 404 status=404 NOT_FOUND; #!
}
--- says chomp
invalid "status=404": use a status like 404, or a class like 4xx, and none in a "status" row

=== a success by an HTTP status of an error
--- acme
telephony_catalog acme { code c;
    success 1 status=4xx; #!
}
--- says chomp
"status=4xx" can never match: an HTTP status of 400 or more is never a success or a notice

=== a notice by an HTTP status of an error
--- acme
telephony_catalog acme { code c;
    notice 1 status=503 NO_RESULTS; #!
}
--- says chomp
"status=503" can never match: .*

=== a status row for a status that is no error
--- acme
telephony_catalog acme { code c;
    status 204 NOT_FOUND; #!
}
--- says chomp
"204" is no HTTP status of an error: use 400 to 599, 4xx or 5xx

=== a status row for a word
--- acme
telephony_catalog acme { code c;
    status 3xx NOT_FOUND; #!
}
--- says chomp
"3xx" is no HTTP status of an error: use 400 to 599, 4xx or 5xx

=== a brace that begins no name
--- acme
telephony_catalog acme { code c; message m;
    error 1 "message=a {b c} d" NOT_FOUND; #!
}
--- says chomp
the message template has a "\{" that begins no \{name\} of letters, digits and "_"; write "\\\{" for the character

=== an empty name in braces
--- acme
telephony_catalog acme { code c; message m;
    error 1 "message=a {} d" NOT_FOUND; #!
}
--- says chomp
the message template has a "\{" that begins no \{name\} .*

=== one name twice in a template
--- acme
telephony_catalog acme { code c; message m;
    error 1 "message={a} and {a}" NOT_FOUND; #!
}
--- says chomp
the message template has one \{name\} twice

=== ten names in a template
--- acme
telephony_catalog acme { code c; message m;
    error 1 "message={a} {b} {c} {d} {e} {f} {g} {h} {i} {j}" NOT_FOUND; #!
}
--- says chomp
the message template has too many \{names\}; nine are the most

=== a template that is no UTF-8
--- acme eval
"telephony_catalog acme { code c; message m;\n error 1 \"message=a \xff {b}\" NOT_FOUND; #!\n}\n"
--- says chomp
the message template is no valid UTF-8; save the file as UTF-8

=== a sentence with a name that the message does not capture
--- acme
telephony_catalog acme { code c; message m;
    error 1 "message=no {a}" NOT_FOUND "No {b}"; #!
}
--- says chomp
the sentence uses \{b\}, which the row's message does not capture

=== a sentence with a name in a row without a message
--- acme
telephony_catalog acme { code c;
    error 1 NOT_FOUND "No {a}"; #!
}
--- says chomp
the sentence uses \{a\}, which the row's message does not capture

=== a sentence that is too long
--- acme eval
"telephony_catalog acme { code c;\n error 1 NOT_FOUND '" . 'a b ' x 257 . "'; #!\n}\n"
--- says chomp
the sentence is longer than 1024 bytes

=== sentence=always without a sentence
--- acme
telephony_catalog acme { code c;
    error 1 sentence=always NOT_FOUND; #!
}
--- says chomp
"sentence=always" in a row without a sentence: write one behind the unified code, or take the option away

=== sentence=always in a row of success
--- acme
telephony_catalog acme { code c;
    success 1 sentence=always; #!
}
--- says chomp
"sentence=always" in a row of success, which has no envelope: take it away

=== sentence=always in a row of absent success
--- acme
telephony_catalog acme { code c;
    absent success sentence=always; #!
}
--- says chomp
"sentence=always" in a row of success, which has no envelope: take it away

=== sentence=always twice
--- acme
telephony_catalog acme { code c;
    error 1 sentence=always NOT_FOUND "It is gone" sentence=always; #!
}
--- says chomp
"sentence=always" is given twice in one row

=== another value of sentence=
--- acme
telephony_catalog acme { code c;
    error 1 sentence=never NOT_FOUND "It is gone"; #!
}
--- says chomp
invalid "sentence=never": the one value is "always"

=== a sentence that is given as an option
--- acme
telephony_catalog acme { code c;
    error 1 NOT_FOUND "sentence=It is gone"; #!
}
--- says chomp
invalid "sentence=It is gone": the one value is "always"

=== sentence= without a value
--- acme
telephony_catalog acme { code c;
    error 1 sentence= NOT_FOUND "It is gone"; #!
}
--- says chomp
"sentence=" needs a value

=== sentence=always in a catalog whose texts are not English
--- acme
telephony_catalog acme { code c; message m; language ru;
    error 1 sentence=always NOT_FOUND "It is gone"; #!
}
--- fine

=== a code that is too long
--- acme eval
"telephony_catalog acme { code c;\n error " . 'a' x 257 . " NOT_FOUND; #!\n}\n"
--- says chomp
code "a{257}" is empty or longer than 256 bytes

=== an alias name that is too long
--- acme eval
"telephony_catalog acme { code c;\n alias 1 " . 'a' x 257 . "; #!\n}\n"
--- says chomp
alias name "a{257}" is too long; 256 bytes are the most

=== an alias given twice
--- acme
telephony_catalog acme { code c;
    alias 1 A;
    alias "1" B; #!
}
--- says chomp
"1" is given twice in "alias" statements, first in \S+acme\.conf:2: write it once

=== an alias given in two extensions
--- acme
telephony_catalog acme { code c; alias 1 A; }
telephony_catalog acme { alias 1 B; }
telephony_catalog acme { alias 1 C; } #!
--- says chomp
"1" is given twice in "alias" statements, first in \S+acme\.conf:2: write it once

=== a nocode given twice
--- acme
telephony_catalog acme { code c;
    nocode 0 NONE none; #!
}
--- says chomp
"none" is given twice in "nocode" statements, first in \S+acme\.conf:2: write it once

=== an unknown method in repeatable
--- acme
telephony_catalog acme { code c;
    repeatable get; #!
}
--- says chomp
unknown method "get"; write "never" or methods in capital letters, as in "repeatable GET HEAD;"

=== never among methods
--- acme
telephony_catalog acme { code c;
    repeatable never GET; #!
}
--- says chomp
unknown method "never"; .*

=== a language that is none
--- acme
telephony_catalog acme { code c;
    language English; #!
}
--- says chomp
"English" is no language tag: use one like "en" or "pt-BR"

=== a challenge with a line break
--- acme
telephony_catalog acme { code c;
    challenge "Basic\r\nX: y"; #!
}
--- says chomp
"challenge" has a character that a header value must not have

=== a setting given twice in one block
--- acme
telephony_catalog acme { code c;
    language pt;
    language en; #!
}
--- says chomp
"language" is given twice, first in \S+acme\.conf:2: write it once

=== a scope given twice in one block
--- acme
telephony_catalog acme { code c;
    scope $uri;
    scope $request_method; #!
}
--- says chomp
"scope" is given twice, first in \S+acme\.conf:2: write it once

=== a setting given in two extensions
--- acme
telephony_catalog acme { code c; repeatable GET; }
telephony_catalog acme { repeatable never; }
telephony_catalog acme { repeatable HEAD; } #!
--- says chomp
"repeatable" is given twice, first in \S+acme\.conf:2: write it once

=== an example with a wrong verdict names what it gives and the row
--- acme
telephony_catalog acme { code c;
    error 1 NOT_FOUND;
    example 200 '{"c":1}' error:NO_CHANGES; #!
}
--- says chomp
example of "acme" gives error:NOT_FOUND by match "exact", by the row in \S+acme\.conf:2, read: c "1", not error:NO_CHANGES: correct the example or the row

=== an example that gives none names the reason
--- acme
telephony_catalog acme { code c;
    example 200 '{"x":1' success; #!
}
--- says chomp
example of "acme" gives none by match "none", reason truncated, nothing stood at a code path, not success: correct the example or the row

=== an example with a wrong match
--- acme
telephony_catalog acme { code c;
    error 1x NOT_FOUND;
    example match=exact 200 '{"c":11}' error:NOT_FOUND; #!
}
--- says chomp
example of "acme" gives error:NOT_FOUND by match "class", by the row in \S+acme\.conf:2, read: c "11", not error:NOT_FOUND by match exact: correct the example or the row

=== an example with an unknown scope
--- acme
telephony_catalog acme { code c; error 1 NOT_FOUND;
    example scope=a 200 '{"c":1}' error:NOT_FOUND; #!
}
--- says chomp
"scope=a" of an example in a catalog that has no scope

=== an example without a verdict
--- acme
telephony_catalog acme { code c; scope $uri;
    example scope=a 200 '{"c":1}'; #!
}
--- says chomp
wrong example, expected: example \[scope=\] \[match=\] \[header:NAME=VALUE\] STATUS BODY VERDICT;

=== an example with a wrong status
--- acme
telephony_catalog acme { code c;
    example 20 '{"c":1}' success; #!
}
--- says chomp
invalid HTTP status "20" of an example

=== an example's file that is missing
--- acme
telephony_catalog acme { code c;
    example 200 file=nothing.json success; #!
}
--- says chomp
example file "\S+/nothing\.json" cannot be opened

=== an example's file that is a directory
--- acme
telephony_catalog acme { code c;
    example 200 file=logs success; #!
}
--- says chomp
example file "\S+/logs" cannot be read, or is larger than 1 MB

=== an example's file that waits for its other end
--- acme
telephony_catalog acme { code c;
    example 200 file=fifo success; #!
}
--- says chomp
example file "\S+/fifo" cannot be read, or is larger than 1 MB

=== an example of the base is judged by the base alone
--- acme
telephony_catalog acme { code c; error 1 NOT_FOUND;
    example 200 '{"c":1}' error:NO_CHANGES; #!
}
telephony_catalog acme { error 1 NO_CHANGES; }
--- says chomp
example of "acme" gives error:NOT_FOUND by match "exact", .*

=== an example of an extension is judged by everything
--- acme
telephony_catalog acme { code c; error 1 2 NOT_FOUND; }
telephony_catalog acme { error 1 NO_CHANGES;
    example 200 '{"c":2}' error:NOT_FOUND;
    example 200 '{"c":1}' error:NOT_FOUND; #!
}
--- says chomp
example of "acme" gives error:NO_CHANGES by match "exact", .*

=== an extension of examples alone
--- acme
telephony_catalog acme { code c; error 1 NOT_FOUND; }
telephony_catalog acme {
    example 200 '{"c":1}' error:NO_CHANGES; #!
}
--- says chomp
example of "acme" gives error:NOT_FOUND by match "exact", .*

=== overrides of a location do not count in examples
--- acme
telephony_errors_override NO_RESULTS 404;
telephony_catalog acme { code c; notice 1 NO_RESULTS;
    example 200 '{"c":1}' notice:NO_RESULTS;
}
--- fine

=== a unified code given twice names both lines
--- acme
telephony_codes {
    TWICE 400 CONFLICT no "One";
    TWICE 401 CONFLICT no "Two"; #!
}
--- says chomp
unified code "TWICE" is given twice, first in \S+acme\.conf:2: for another HTTP status use telephony_errors_override, for another meaning put yours into "telephony_codes replaces \{ \.\.\. \}"

=== a unified code in small letters
--- acme
telephony_codes {
    Twice 400 A no "One"; #!
}
--- says chomp
invalid name "Twice": use capital letters, digits and "_", 64 at the most

=== a category with a space
--- acme
telephony_codes {
    ONE 400 "A B" no "One"; #!
}
--- says chomp
invalid name "A B": use capital letters, digits and "_", 64 at the most

=== a unified code with a wrong number of arguments
--- acme
telephony_codes {
    ONE 400 A "One"; #!
}
--- says chomp
wrong number of arguments, expected: CODE status category retry "title" \["description"\]; or: status NNN UNIFIED; or: category NAME;

=== a unified code with a wrong status
--- acme
telephony_codes {
    ONE 302 CONFLICT no "One"; #!
}
--- says chomp
invalid HTTP status "302" of "ONE": use 400 to 599, or 200 for a code that is never an error

=== a unified code with a wrong retry
--- acme
telephony_codes {
    ONE 400 CONFLICT never "One"; #!
}
--- says chomp
retry "never" is none of yes, no and safe

=== a code that the module concludes as an error must have a status of an error
--- nocodes
--- acme
telephony_codes {
    UNKNOWN 200 - no "Unknown"; #!
}
--- says chomp
"UNKNOWN" is what the module concludes by itself as an error: give it an HTTP status of 400 to 599

=== a general row of an unknown code
--- acme
telephony_codes {
    status 418 TEAPOT; #!
}
--- says chomp
"TEAPOT" is no unified code: correct it, or define it in telephony_codes

=== a general row given twice
--- nocodes
--- acme
telephony_codes { A_B 400 - no "t";
    status 404 A_B;
    status 404 A_B; #!
}
--- says chomp
a row for "404" with the same .*acme\.conf:2 already: write it once, or put yours into "telephony_codes replaces \{ \.\.\. \}"

=== a general row with a scope
--- acme
telephony_codes {
    status 418 scope=a NOT_FOUND; #!
}
--- says chomp
"scope=a" in a catalog that has no scope: .*

=== a general row with a message
--- acme
telephony_codes {
    status 418 "message=a" NOT_FOUND; #!
}
--- says chomp
a row asks for a message in a catalog that names no "message" path

=== a general row without a status
--- acme
telephony_codes {
    status NOT_FOUND; #!
}
--- says chomp
wrong number of arguments, expected: status NNN \| Nxx \.\.\. UNIFIED;

=== a path as JSONPath writes it
--- acme
telephony_catalog acme { success 0;
    code $.error.code; #!
}
--- says chomp
path "\$\.error\.code" begins with "\$": a path is names and dots, as in "error\.code", or "errors\[\]\.code" for every element of a list; a name that begins so is written "\\\$\.error\.code"

=== a path as JSON Pointer writes it
--- acme
telephony_catalog acme { success 0; code c;
    message /error/message; #!
}
--- says chomp
path "/error/message" begins with "/": a path is names and dots, .*

=== a JSONPath behind detail=
--- acme
telephony_catalog acme { success 0; code c;
    field a detail=$.b; #!
}
--- says chomp
path "\$\.b" begins with "\$": .*

=== a code path in the midst of a line that is a statement's word
--- acme
telephony_catalog acme {
    code c status d; #!
}
--- says chomp
"status" in a "code" statement: is a ";" missing before it\? A path of that name is written "\\status"

=== a success code that is a statement's word
--- acme
telephony_catalog acme { code c;
    success 0 error 1; #!
}
--- says chomp
"error" in a "success" row: is a ";" missing before it\? A code of that name is named by an "alias"

=== a unified code among the codes of a row
--- acme
telephony_catalog acme { code c;
    error 1 NOT_FOUND "Not there" 2 PERMISSION_DENIED "No right"; #!
}
--- says chomp
"NOT_FOUND" in the midst of an "error" row: is a ";" missing behind it or its sentence, or quotes around the sentence\? A provider's code of that name is named by an "alias"

=== a second sentence
--- acme
telephony_catalog acme { code c;
    notice 1 NO_RESULTS "Nothing" "Nothing at all"; #!
}
--- says chomp
"NO_RESULTS" in the midst of a "notice" row: is a ";" missing behind it or its sentence, or quotes around the sentence\? .*

=== a unified code in a success row
--- acme
telephony_catalog acme { code c;
    success 0 NOT_FOUND; #!
}
--- says chomp
"NOT_FOUND" in the midst of a "success" row: .*

=== a further unified code in an absent row
--- acme
telephony_catalog acme { code c;
    absent NOT_FOUND "Nothing" INTERNAL; #!
}
--- says chomp
"NOT_FOUND" in the midst of an "absent" row: is a ";" missing behind it or its sentence, or quotes around the sentence\?

=== the names of statements and unified codes where nothing can be missing
--- acme
telephony_catalog acme {
    code     error c\.d \status;
    message  message;
    alias    success GOOD;
    alias    NOT_FOUND GONE;
    nocode   status;
    success  1 OK GOOD;
    success  0 zero;
    error    NOT_FOUND NOT_FOUND;
    error    error  INTERNAL "It's an error";
    error    "Too Many Requests" TOO-MANY  RATE_LIMITED;
    example  200 '{"c.d":"success"}' success;
    example  200 '{"status":"success"}' success;
    example  200 '{"error":"success"}' success;
    example  200 '{"error":"error"}' error:INTERNAL;
    example  200 '{"error":"status"}' none;
    example  200 '{"error":"too many requests"}' error:RATE_LIMITED;
}
--- fine

=== a row of more than 1,024 arguments
--- acme eval
"telephony_catalog acme { code c;\n error " . CORE::join(' ', 1 .. 1024) . " NOT_FOUND; #!\n}\n"
--- says chomp
1025 arguments where 1024 are the most, is a ";" missing\? Expected: error CODE .*

=== a row, a nocode and a status of many arguments
--- acme eval
my $codes = CORE::join ' ', 1 .. 1022;
my $words = CORE::join ' ', map { "none$_" } 1 .. 1024;
my $statuses = CORE::join ' ', 400 .. 599;
"telephony_catalog acme { code c;\n error $codes NOT_FOUND Gone; nocode $words;
 status $statuses INTERNAL;
 example 200 '{\"c\":1022}' error:NOT_FOUND; example 200 '{\"c\":\"none1024\"}' none;
 example 599 '' error:INTERNAL; }\n"
--- fine

=== a class with the x inside
--- acme
telephony_catalog acme { code c;
    error 12x4 NOT_FOUND; #!
}
--- says chomp
code "12x4" is no class, which is digits and then one "x" a digit, as in "12xx", 32 characters at the most; "\\x" is the character

=== a class behind letters
--- acme
telephony_catalog acme { code c;
    error CMN-1XX NOT_FOUND; #!
}
--- says chomp
code "CMN-1XX" is no class, .*

=== a class in a pattern
--- acme
telephony_catalog acme { code c;
    error 4xx* NOT_FOUND; #!
}
--- says chomp
code "4xx\*" is no class, .*

=== a class that is too long
--- acme eval
"telephony_catalog acme { code c;\n error 1" . 'x' x 32 . " NOT_FOUND; #!\n}\n"
--- says chomp
code "1x{32}" is no class, .*

=== codes with a comma
--- acme
telephony_catalog acme { code c;
    error E2,E3 NOT_FOUND; #!
}
--- says chomp
code "E2,E3" has a comma: codes are separated by spaces; "\\," is the character

=== a comma and a space
--- acme
telephony_catalog acme { code c;
    success 0, 1; #!
}
--- says chomp
code "0," has a comma: .*

=== a regular expression for a code
--- acme
telephony_catalog acme { code c;
    error ~^E NOT_FOUND; #!
}
--- says chomp
code "~\^E" is no regular expression: "\*" matches any text; "\\~" is the character

=== a regular expression for a message
--- acme
telephony_catalog acme { code c; message m;
    error 1 message=~^foo NOT_FOUND; #!
}
--- says chomp
"message=~\^foo" is no regular expression: "\*" and \{name\} match any text; "\\~" is the character

=== a backslash that makes nothing plain
--- acme
telephony_catalog acme { code c;
    error App\Error NOT_FOUND; #!
}
--- says chomp
code "App\\Error" has a backslash that makes no "x", "\*", ",", "~", "=" or backslash plain; four are the character

=== a plain star in a pattern
--- acme
telephony_catalog acme { code c;
    error a\** NOT_FOUND; #!
}
--- says chomp
code "a\\\*\*" has a "\*" for any text beside a plain one

=== a class under nocode
--- acme
telephony_catalog acme { code c; success 0;
    nocode 9xx; #!
}
--- says chomp
"9xx" in "nocode" is a class or a pattern: name every value; "\\x" and "\\\*" are the characters

=== a pattern under alias
--- acme
telephony_catalog acme { code c; success 0;
    alias a* A; #!
}
--- says chomp
"a\*" in "alias" is a class or a pattern: .*

=== a base without any row
--- acme
telephony_catalog acme { #!
    code c; alias 1 A; language en;
}
--- says chomp
the base of telephony_catalog "acme" has no row: say with "success", "notice", "error", "absent" or "status" what its answers mean

=== a base whose rows are all in an extension
--- acme
telephony_catalog acme { code c; } #!
telephony_catalog acme { success 0; }
--- says chomp
the base of telephony_catalog "acme" has no row: .*

=== an unknown verdict
--- acme
telephony_catalog acme { code c; success 0;
    example 200 '{"c":0}' sucess; #!
}
--- says chomp
"sucess" is no verdict: use success, none, error:CODE or notice:CODE, with a unified code

=== a unified code for a verdict
--- acme
telephony_catalog acme { code c; error 0 NOT_FOUND;
    example 200 '{"c":0}' NOT_FOUND; #!
}
--- says chomp
"NOT_FOUND" is no verdict: write "error:NOT_FOUND"

=== a unified code of a notice for a verdict
--- acme
telephony_catalog acme { code c; notice 0 CALL_ENDED;
    example 200 '{"c":0}' CALL_ENDED; #!
}
--- says chomp
"CALL_ENDED" is no verdict: write "notice:CALL_ENDED"

=== a verdict with an unknown unified code
--- acme
telephony_catalog acme { code c; error 0 NOT_FOUND;
    example 200 '{"c":0}' error:NOT_FUND; #!
}
--- says chomp
"NOT_FUND" in the verdict of an example is no unified code

=== an option of an example given twice
--- acme
telephony_catalog acme { code c; error 0 NOT_FOUND;
    example match=exact match=exact 200 '{"c":0}' error:NOT_FOUND; #!
}
--- says chomp
"match=exact" of an example needs a value, and is given once

=== an unknown match of an example
--- acme
telephony_catalog acme { code c; error 0 NOT_FOUND;
    example match=exactly 200 '{"c":0}' error:NOT_FOUND; #!
}
--- says chomp
"match=exactly" of an example is no match; they are none, exact, message, class, pattern, absent, status

=== an example that is no JSON
--- acme
telephony_catalog acme { code c; error 114 NOT_FOUND;
    example 200 'ERR: 114, No' error:NOT_FOUND; #!
}
--- says chomp
example of "acme" gives none by match "none", reason not_json, not error:NOT_FOUND: what is not JSON is read by "text" patterns only, and none matches; below HTTP status 400 that is none, above the status decides

=== an example whose other code path was read
--- acme
telephony_catalog acme { code sms[].code code; success 100; error 207 NOT_FOUND;
    example 200 '{"code":100,"sms":{"code":207}}' error:NOT_FOUND; #!
}
--- says chomp
example of "acme" gives success by match "exact", by the row in \S+acme\.conf:1, read: code "100", not error:NOT_FOUND: correct the example or the row

=== an example without anything at a code path
--- acme
telephony_catalog acme { code c; success 100;
    example 200 '{"d":100}' success; #!
}
--- says chomp
example of "acme" gives none by match "none", reason no_code, nothing stood at a code path, not success: correct the example or the row

=== codes.conf is not included
--- nocodes
--- acme
telephony_catalog acme { code c; success 0;
    notice 1 NO_RESULTS "Nothing"; #!
}
--- says chomp
no telephony_codes was read: include codes\.conf, where "NO_RESULTS" may be defined

=== a file of unified codes included twice
--- nocodes
--- acme
telephony_codes {
    MINE 400 CONFLICT no "Mine"; #!
}
--- other
include acme.conf;
--- says chomp
unified code "MINE" is given twice, first in \S+acme\.conf:2: is the file included twice\?

=== a file with a base included twice
--- acme
telephony_catalog acme { #!
    code c; success 0; }
--- other
include acme.conf;
--- says chomp
telephony_catalog "acme" has a base already, in \S+acme\.conf:1: is the file included twice\?

=== a file with rows included twice
--- before
telephony_catalog acme { code c; success 0; }
--- acme
telephony_catalog acme {
    error 1 NOT_FOUND; #!
}
--- other
include acme.conf;
--- says chomp
a row for "1" with the same scope, status and message stands in \S+acme\.conf:2 already: is the file included twice\?

=== a file with aliases or settings included twice
--- before
telephony_catalog acme { code c; success 0; }
--- acme
telephony_catalog acme {
    alias 1 A; #!
}
--- other
include acme.conf;
--- says chomp
"1" is given twice in "alias" statements, first in \S+acme\.conf:2: is the file included twice\?

=== a method in small letters
--- acme
telephony_catalog acme { code c; success 0;
    allow post; #!
}
--- says chomp
unknown method "post"; write methods in capital letters, as in "allow GET POST;"

=== a category that is not of the list
--- acme
telephony_codes {
    MINE 400 NOTFOUND no "Mine"; #!
}
--- says chomp
unknown category "NOTFOUND" of "MINE": use CONFLICT, FAILED_PRECONDITION, INTERNAL, INVALID_ARGUMENT, MISSING_ARGUMENT, NOT_FOUND, NOT_IMPLEMENTED, PAYMENT_REQUIRED, PERMISSION_DENIED, QUOTA_EXCEEDED, RATE_LIMITED, TIMEOUT, UNAUTHENTICATED, UNAVAILABLE, UNKNOWN, "-" for none, or declare your own with "category NOTFOUND;" in telephony_codes

=== a category that is declared, in another block and later
--- acme
telephony_codes { MINE 400 MONEY no "Mine"; }
telephony_codes { category MONEY; category TIMEOUT; }
--- fine

=== a declared category with a wrong name
--- acme
telephony_codes {
    category Money; #!
}
--- says chomp
invalid name "Money": use capital letters, digits and "_", 64 at the most

=== a unified code with a third text
--- acme
telephony_codes {
    MINE 400 - no "Mine" "It is mine" "Mine alone"; #!
}
--- says chomp
wrong number of arguments, is a ";" missing\?, expected: CODE status category retry "title" \["description"\]; or: status NNN UNIFIED; or: category NAME;

=== a word before the brace of a catalog
--- acme
telephony_catalog acme extends { #!
    code c; success 0; }
--- says chomp
unexpected "extends" behind "telephony_catalog": only "replaces" may stand before the "\{"

=== a word before the brace of the codes
--- acme
telephony_codes mine { #!
}
--- says chomp
unexpected "mine" behind "telephony_codes": only "replaces" may stand before the "\{"

=== two blocks that replace one base
--- acme
telephony_catalog acme { code a; success 0; }
telephony_catalog acme replaces { code b; success 0; }
telephony_catalog acme replaces { code c; success 0; } #!
--- says chomp
telephony_catalog "acme" has a base already, in \S+acme\.conf:2: only one may replace it

=== two bases that are both replaced
--- acme
telephony_catalog acme replaces { code b; success 0; }
telephony_catalog acme { code a; success 0; }
telephony_catalog acme { code c; success 0; } #!
--- says chomp
telephony_catalog "acme" has a base already, in \S+acme\.conf:2: only one block may have .*

=== a block that replaces a base and names no path
--- acme
telephony_catalog acme { code c; success 0; }
telephony_catalog acme replaces { #!
    error 1 NOT_FOUND; }
--- says chomp
what replaces the base of "acme" must name its paths with "code" or "message"; leave out "replaces" to extend it

=== an HTTP status that the shipped codes have
--- acme
telephony_codes {
    status 404 CALL_NOT_FOUND; #!
}
--- says chomp
a row for "404" with the same .*codes\.conf:\d+ already: write it once, or put yours into "telephony_codes replaces \{ \.\.\. \}"

=== an HTTP status replaced: the examples of a base do not know of it, others do
--- acme
telephony_codes replaces { status 404 CALL_NOT_FOUND; }
telephony_catalog acme { code c; success 0; example 404 '' error:NOT_FOUND; }
telephony_catalog acme { error 1 INTERNAL; example 404 '' error:CALL_NOT_FOUND; }
telephony_catalog alone { code c; success 0; example 404 '' error:NOT_FOUND; }
--- fine

=== an HTTP status replaced, and an own example that does not know of it
--- acme
telephony_codes replaces { status 404 CALL_NOT_FOUND; }
telephony_catalog acme { code c; success 0; }
telephony_catalog acme { success 1;
    example 404 '' error:NOT_FOUND; #!
}
--- says chomp
example of "acme" gives error:CALL_NOT_FOUND by match "status", .*

=== all HTTP statuses replaced and none shipped
--- nocodes
--- acme
telephony_codes replaces { GONE 404 - no "Gone"; status 4xx GONE; }
telephony_catalog acme { code c; success 0; example 404 '' error:UNKNOWN; }
--- fine

=== the shipped catalogs beside HTTP statuses that are replaced
--- acme eval
CORE::join "\n", (map { "include $_;" } grep { !/codes\.conf$/ }
                  glob "$ENV{TEST_NGINX_CATALOGS}/*.conf"),
    'telephony_codes replaces { status 404 CALL_NOT_FOUND; status 5xx UNKNOWN; }'
--- fine

=== a code given twice by blocks that replace
--- acme
telephony_codes replaces { NOT_FOUND 410 NOT_FOUND no "Gone"; }
telephony_codes replaces {
    NOT_FOUND 404 NOT_FOUND no "Gone"; #!
}
--- says chomp
unified code "NOT_FOUND" is given twice, first in \S+acme\.conf:1: .*

=== a replaced code is still read
--- acme
telephony_codes replaces { MINE 410 NOT_FOUND no "Gone"; }
telephony_codes {
    MINE 41 NOT_FOUND no "Gone"; #!
}
--- says chomp
invalid HTTP status "41" of "MINE": .*

=== a variable in telephony_errors_explain
--- acme
telephony_catalog acme { code c; success 0; }
--- server chomp
telephony_errors_explain $provider;
--- says chomp
"telephony_errors_explain" directive needs the name of a provider, which holds no variables

=== metrics without a zone
--- server chomp
telephony_errors_metrics;
--- says chomp
"telephony_errors_metrics" without a zone, nothing is counted: add "telephony_errors_zone telephony 1m;" to the http block

=== metrics with a zone
--- before chomp
telephony_errors_zone counters 64k;
--- server chomp
telephony_errors_metrics;
--- fine

=== a row that answers 401 in a catalog without a challenge
--- acme
telephony_catalog acme { code c; success 0;
    error 1 NOT_FOUND;
    error 2 INVALID_CREDENTIALS; #!
    status 401 UNAUTHENTICATED;
}
--- warns chomp
a row of "acme" answers 401, which owes a WWW-Authenticate: give the catalog one for vendors that send none, as in challenge 'Basic realm="acme"';

=== a row that answers 401, the challenge in an extension
--- acme
telephony_catalog acme { code c; success 0; error 2 INVALID_CREDENTIALS; }
telephony_catalog acme { challenge Acme; }
--- fine

=== an unknown provider
--- server chomp
telephony_errors nobody;
--- acme
telephony_catalog acme { code c; success 0; }
--- says chomp
unknown provider "nobody" in "telephony_errors": include its telephony_catalog, or correct the name

=== no catalogs at all
--- nocodes
--- server chomp
telephony_errors acme;
--- says chomp
"telephony_errors" without any telephony_catalog: include the catalogs in the http block

=== an override of an unknown code
--- server chomp
telephony_errors_override NOBODY 404;
--- says chomp
"NOBODY" in "telephony_errors_override" is no unified code of an error or a notice

=== an override of OK
--- server chomp
telephony_errors_override OK 404;
--- says chomp
"OK" in "telephony_errors_override" is no unified code of an error or a notice

=== an override without any code
--- nocodes
--- server chomp
telephony_errors_override NOBODY 404;
--- says chomp
"NOBODY" in "telephony_errors_override" is no unified code of an error or a notice

=== an override with a status that is no error
--- server chomp
telephony_errors_override NOT_FOUND 302;
--- says chomp
invalid HTTP status "302" in "telephony_errors_override" directive, use 400 to 599

=== an override given twice
--- server chomp
telephony_errors_override NOT_FOUND 410; telephony_errors_override NOT_FOUND 404;
--- says chomp
"NOT_FOUND" is overridden twice here

=== a type base that is no URI
--- server chomp
telephony_errors_type_base "https://a b/";
--- says chomp
"https://a b/" in "telephony_errors_type_base" directive is no URI; escape what RFC 3986 does not allow

=== a wrong observe
--- server chomp
telephony_errors_observe yes;
--- says chomp
invalid value "yes" in "telephony_errors_observe" directive, it must be "on", "off" or hold a variable

=== a wrong generated
--- server chomp
telephony_errors_generated on;
--- says chomp
invalid value "on" in "telephony_errors_generated" directive, it must be "off", "upstream" or "all"

=== a window that is too small
--- server chomp
telephony_errors_window 100;
--- says chomp
"telephony_errors_window" directive must be between 256 bytes and 16m

=== a window that is no size
--- server chomp
telephony_errors_window big;
--- says chomp
"telephony_errors_window" directive invalid value

=== an unknown envelope
--- server chomp
telephony_errors_envelope nobody;
--- says chomp
unknown envelope "nobody": define it with telephony_envelope, or use "problem"

=== an error that is intercepted by a name that is none
--- server chomp
telephony_errors_intercept INSUFFICIENT_FUNDS NO_MONEY;
--- says chomp
"NO_MONEY" in "telephony_errors_intercept" is no unified code of an error and no category: correct the name, or add it to telephony_codes

=== a failure of the server by a name that is none
--- server chomp
telephony_errors_peer_failed unavailable;
--- says chomp
"unavailable" in "telephony_errors_peer_failed" is no unified code of an error and no category: correct the name, or add it to telephony_codes

=== an interception without a place to go
--- server chomp
telephony_errors_intercept INTERNAL;
--- warns chomp
"telephony_errors_intercept" without any "error_page" here: nothing is given up; add one, as in "error_page 402 = @second;"

=== an interception, and a place to go
--- server chomp
telephony_errors_intercept INTERNAL; error_page 500 = /b/;
--- fine

=== an error that is intercepted by no name
--- server chomp
telephony_errors_intercept INTERNAL "";
--- says chomp
"telephony_errors_intercept" directive has an empty name: take it away, or name a code

=== a success that is intercepted
--- server chomp
telephony_errors_intercept OK;
--- says chomp
"OK" in "telephony_errors_intercept" is no unified code of an error and no category: .*

=== all errors and one of them
--- server chomp
telephony_errors_intercept all; telephony_errors_intercept INTERNAL;
--- says chomp
"telephony_errors_intercept" directive has "all" beside other names: take one of both away

=== one error and all of them
--- server chomp
telephony_errors_intercept INTERNAL all;
--- says chomp
"telephony_errors_intercept" directive has "all" beside other names: take one of both away

=== no error and one of them
--- server chomp
telephony_errors_intercept off INTERNAL;
--- says chomp
"telephony_errors_intercept" directive has "off" beside other names: it stands alone

=== one error, and none
--- server chomp
telephony_errors_intercept INTERNAL; telephony_errors_intercept off;
--- says chomp
"telephony_errors_intercept" directive has "off" beside other names: it stands alone

=== no error, and then one
--- server chomp
telephony_errors_peer_failed off; telephony_errors_peer_failed INTERNAL;
--- says chomp
"telephony_errors_peer_failed" directive says "off" here already: take one of both away

=== an error that is named twice
--- server chomp
telephony_errors_intercept INTERNAL; telephony_errors_intercept INTERNAL non_idempotent;
--- says chomp
"INTERNAL" is named twice in "telephony_errors_intercept" here

=== non_idempotent alone
--- server chomp
telephony_errors_intercept non_idempotent;
--- says chomp
"telephony_errors_intercept" directive names no code: which errors are meant\?

=== every error as a failure of the server
--- server chomp
telephony_errors_peer_failed all;
--- says chomp
"telephony_errors_peer_failed" directive takes no "all": name the codes that speak of the server, such as PROVIDER_UNAVAILABLE

=== a failure of the server has nothing to do with methods
--- server chomp
telephony_errors_peer_failed INTERNAL non_idempotent;
--- says chomp
"non_idempotent" in "telephony_errors_peer_failed" is no unified code of an error and no category: .*

=== codes, categories and none in place of them
--- before
telephony_errors_intercept all; telephony_errors_peer_failed UNAVAILABLE;
--- server chomp
telephony_errors_intercept PAYMENT_REQUIRED RATE_LIMITED; telephony_errors_intercept non_idempotent PROVIDER_TIMEOUT; telephony_errors_peer_failed off; error_page 402 = /b/;
--- fine

=== telephony_errors given twice
--- server chomp
telephony_errors off; telephony_errors off;
--- says chomp
"telephony_errors" directive is duplicate

=== an option that is misspelt
--- acme
telephony_catalog acme { code c; message m;
    error 1 "mesage=no such *" NOT_FOUND; #!
}
--- says chomp
"mesage=no such \*" is no option: they are "scope=", "status=", "message=", "field=" and "sentence="; in a code "\\=" is the character

=== an option in capitals
--- acme
telephony_catalog acme { code c;
    success 0 Status=200; #!
}
--- says chomp
"Status=200" is no option: .*

=== a misspelt option of an absent row
--- acme
telephony_catalog acme { code c; success 0;
    absent sope=a NOT_FOUND; #!
}
--- says chomp
"sope=a" is no option: .*

=== codes with "="
--- acme
telephony_catalog acme { code c;
    success a=b c\=d YWJj= e==f;
    example 200 '{"c":"a=b"}' success;
    example 200 '{"c":"c=d"}' success;
    example 200 '{"c":"YWJj="}' success;
    example 200 '{"c":"e==f"}' success;
}
--- fine

=== a message without its quotes
--- acme
telephony_catalog acme { code c; message m;
    error 1 message=no such NOT_FOUND; #!
}
--- says chomp
"such" behind "message=no": quote all of the option, as in "message=a text", and name codes before it

=== codes on one side of a message, or on both sides of a quoted one
--- acme
telephony_catalog acme { code c; message m;
    error message=no 1 2 NOT_FOUND;
    error 3 message=no NOT_FOUND "There is none";
    error 4 "message=no such" 5 NOT_FOUND;
    example 200 '{"c":2,"m":"no"}'       error:NOT_FOUND;
    example 200 '{"c":5,"m":"no such"}'  error:NOT_FOUND;
}
--- fine

=== a sentence without its quotes
--- acme
telephony_catalog acme { code c;
    error 1 NOT_FOUND There is none; #!
}
--- says chomp
"NOT_FOUND" in the midst of an "error" row: .* or quotes around the sentence\? .*

=== a comma behind a path
--- acme
telephony_catalog acme { success 0;
    code e.c, c; #!
}
--- says chomp
path "e\.c," has a comma: paths are separated by spaces; "\\," is the character

=== a comma between paths
--- acme
telephony_catalog acme { code c; success 0;
    message m,n; #!
}
--- says chomp
path "m,n" has a comma: .*

=== a plain comma in a path
--- acme
telephony_catalog acme { success 0;
    code c\,d "e, f";
    example 200 '{"c,d":0}'   success;
    example 200 '{"e, f":0}'  success;
}
--- fine

=== a header among the paths of messages
--- acme
telephony_catalog acme { code c; success 0;
    message header:x-text; #!
}
--- says chomp
path "header:x-text" is no header: "code header:NAME \.\.\.;" reads one, in small letters and for codes alone; a path that begins so is written "\\header:x-text"

=== a header that is to be present
--- acme
telephony_catalog acme { success 0;
    present header:x-error code=0; #!
}
--- says chomp
path "header:x-error" is no header: .*

=== a header behind detail=
--- acme
telephony_catalog acme { code c; success 0;
    field f detail=header:x-text; #!
}
--- says chomp
path "header:x-text" is no header: .*

=== a header in capitals
--- acme
telephony_catalog acme { success 0;
    code Header:X-Error; #!
}
--- says chomp
path "Header:X-Error" is no header: .*

=== a path that begins as a header
--- acme
telephony_catalog acme { success 0;
    code \header:c;
    example 200 '{"header:c":0}' success;
}
--- fine

=== something present of which no row knows
--- acme
telephony_catalog acme { code c; success 0;
    present rejected code=Rejected; #!
}
--- says chomp
no row says what "code=Rejected" means: add one, as in "error Rejected UNIFIED_CODE;"

=== a text of whose code no row knows
--- acme
telephony_catalog acme { success 0;
    text ~ "code=(?<code>0)";
    text ~ "<title>50" code=busy; #!
    status 5xx INTERNAL;
}
--- says chomp
no row says what "code=busy" means: .*

=== a text of several results that matches nothing
--- acme
telephony_catalog acme { error 7 NOT_FOUND;
    text each ~ "(?:ERR (?<code>\\d+))?"; #!
}
--- says chomp
pattern "\(\?:ERR \(\?<code>\\d\+\)\)\?" of "text each" matches an empty text, and what is between two results would be a good one: let it ask for something

=== texts of which only one result can be nothing, or that look ahead
--- acme
telephony_catalog acme { error 7 NOT_FOUND; absent success;
    text each ~ "(?=ERR (?<code>\\d))";
    text ~ "^(?:ERR (?<code>\\d))?";
    example 200 "ERR 7ERR 7" error:NOT_FOUND;
}
--- fine

=== quotes of an editor that knows better
--- acme
telephony_catalog acme { code c; message m; error 1 NOT_FOUND;
    error 1 “message=no such *” NOT_FOUND; #!
}
--- says chomp
stray quote in argument “message=no: quote a whole argument, never a part of it, as in "message=a text"

=== typographic quotes in a text
--- acme
telephony_catalog acme { code c; message m;
    error 1 "message=“*” is bad" NOT_FOUND "“It” is bad";
    example 200 '{"c":1,"m":"“x” is bad"}' error:NOT_FOUND;
}
--- fine

=== a text with a blank code
--- acme
telephony_catalog acme { success 0;
    text ~ "a" "code= "; #!
}
--- says chomp
"code= " must name a code of 1 to 256 bytes

=== codes that a class, a pattern, an alias or an extension knows
--- acme
telephony_catalog acme {
    present a code=77;
    present b code=rejected;
    text ~ "c" code=Busy;
    text ~ "d" code=lost;
    alias busy GONE;
    notice 7x  PARTIAL_FAILURE;
    notice r*  PARTIAL_FAILURE;
    error GONE  PROVIDER_UNAVAILABLE;
}
telephony_catalog acme { error LOST NOT_FOUND; }
--- fine

=== what is no mistake
--- acme
telephony_catalog acme {
    error    "a \"b\" c"  NOT_FOUND  "It's a \"quote\"";
    code     c a\.b.c x[].y "with space" "quoted\\\\";
    message  m[].n[].o c;
    field    a[].b[].c  detail=a[].b[].d  pointer=a[].b[].e.f;
    field    [].x;
    scope    "$uri$args";
    error    1  "message=5 \"inches\" of {x}"  OUT_OF_RANGE  "{x} inches, { and }";
    error    1  "message=\\{x} \\\\ *"  NOT_FOUND;
    error    1  "message=status=5"  NOT_FOUND  "a=b";
    error    1  'message=a="b" c'  NOT_FOUND;
    success  OK SUCCESS 0;
    notice   BUSY  scope=a status=2xx  DESTINATION_BUSY;
    alias    7 BUSY;
    nocode   null;
    example  200 '{"c":"a \\"b\\" c"}' error:NOT_FOUND;
    example  scope=A match=exact 200 '{"c":7}' notice:DESTINATION_BUSY;
    example  match=status 404 '<html>' error:NOT_FOUND;
    example  match=none 200 '' none;
    example  200 file=acme.conf none;
    example  match=message 200 '{"c":1,"m":[{"n":[{"o":"5 \\"inches\\" of rain"}]}]}' error:OUT_OF_RANGE;
    language pt-BR;
    challenge 'Basic realm="acme, Inc", charset="UTF-8"';
    allow    GET POST;
    repeatable GET;
}
telephony_catalog acme { }
telephony_catalog acme { language en; }
--- server chomp
telephony_errors acme; telephony_errors_type_base ""; telephony_errors_window 256; telephony_errors_observe $arg_o; telephony_errors_generated all;
--- fine

=== the shipped catalogs
--- acme eval
CORE::join "\n", map { "include $_;" } grep { !/codes\.conf$/ } glob "$ENV{TEST_NGINX_CATALOGS}/*.conf"
--- fine
