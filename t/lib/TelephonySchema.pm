package TelephonySchema;

# catalogs/envelope.schema.json, and what it objects to in an envelope.

use strict;
use warnings;

use Cwd ();
use File::Basename ();
use JSON::PP ();
use JSON::Validator;

my $root = Cwd::abs_path(File::Basename::dirname(__FILE__) . '/../..');
my ($schema, $validator, %shipped);

# The schema as a data structure.

sub schema {
    return $schema //= do {
        local $/;

        open my $in, '<', "$root/catalogs/envelope.schema.json"
            or die "envelope.schema.json: $!\n";

        JSON::PP->new->utf8->decode(<$in>);
    };
}

# A list of texts: what is wrong with a decoded envelope.  A code that a test
# itself defines is as good as a shipped one.

sub problems {
    my ($json) = @_;

    $validator //= JSON::Validator->new->schema(schema());

    if (!%shipped) {
        %shipped = map { $_ => 1 }
                   @{ schema()->{'$defs'}{code}{anyOf}[0]{enum} };
    }

    my %given = %$json;

    if (!$shipped{ $given{code} // '' }
        && ($given{code} // '') =~ /^[A-Z][A-Z0-9_]*$/)
    {
        $given{code} = 'UNKNOWN';
    }

    return map { 'schema: ' . $_->path . ' ' . $_->message }
           $validator->validate(\%given);
}

1;
