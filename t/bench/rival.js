// What an operator would write with njs: ask by a subrequest, decode, look up,
// and answer with the same envelope.

const catalogs = {
    voipms: {
        code: (body) => body.status,
        message: (body) => body.message,
        rows: {
            success: false,
            invalid_did: [400, 'INVALID_PARAMETER', 'The DID is not valid'],
            non_sufficient_funds: [402, 'INSUFFICIENT_FUNDS',
                                   'The balance is too low'],
        },
    },
    fonedynamics: {
        code: (body) => body.ResponseStatus && body.ResponseStatus.ErrorCode,
        message: (body) => body.ResponseStatus.Message,
        rows: {
            PARAMETER_REQUIRED: [400, 'MISSING_PARAMETER',
                                 'A required parameter is missing'],
        },
    },
    totalvoice: {
        code: (body) => body.motivo,
        message: (body) => body.mensagem,
        rows: {
            0: false,
            11: [400, 'INVALID_PARAMETER', 'A parameter is not valid'],
        },
        templates: {
            11: [
                [/^ramal inválido, já existe um ramal (.*) cadastrado$/i,
                 409, 'ALREADY_EXISTS', 'Extension % already exists'],
            ],
        },
    },
    mango: {
        code: (body) => body.result || body.code,
        message: (body) => body.message,
        rows: { 1000: false },
    },
    words: {
        texts: [
            /<Code>\s*(?<code>[0-9]+)\s*<\/Code>/,
            /<status>(?<code>[0-9]+)<\/status>/,
            /^ERR: *(?<code>[0-9]+),? *(?<message>.*)$/m,
            /^(?<code>-?[0-9]{1,3})\s*(?:\n|$)/,
            /^(?<code>OK|FAILED): *(?<message>.*?) *$/m,
        ],
        code: (body) => body.code,
        message: (body) => body.message,
        rows: {
            OK: false,
            FAILED: [400, 'INVALID_PARAMETER', 'A parameter is not valid'],
        },
    },
};


// As much of a text is searched as the module searches.

function read(catalog, reply) {
    if (!catalog.texts) {
        return JSON.parse(reply.responseText);
    }

    const body = reply.responseBuffer.slice(0, 4096).toString();

    for (let i = 0; i < catalog.texts.length; i++) {
        const m = catalog.texts[i].exec(body);

        if (m) {
            return m.groups;
        }
    }

    return null;
}


function verdict(catalog, body, status) {
    const code = catalog.code(body);

    if (code === undefined) {
        return { row: false };
    }

    const text = catalog.message(body);
    const templates = (catalog.templates && catalog.templates[code]) || [];

    for (let i = 0; i < templates.length; i++) {
        const t = templates[i];
        const m = t[0].exec(text);

        if (m) {
            return { code: code, text: text,
                     row: [t[1], t[2], t[3].replace('%', m[1])] };
        }
    }

    let row = catalog.rows[code];

    if (row === undefined) {
        row = [status >= 400 ? status : 502, 'UNKNOWN', 'Unknown error'];
    }

    return { code: code, text: text, row: row };
}


function answer(r, provider, reply) {
    let v = { row: false };

    try {
        const body = read(catalogs[provider], reply);

        if (body !== null && typeof body === 'object') {
            v = verdict(catalogs[provider], body, reply.status);
        }

    } catch (e) {
        // no JSON: as it came
    }

    if (!v.row) {
        const names = Object.keys(reply.headersOut);

        for (let i = 0; i < names.length; i++) {
            r.headersOut[names[i]] = reply.headersOut[names[i]];
        }

        r.return(reply.status, reply.responseBuffer);
        return;
    }

    r.headersOut['Content-Type'] = 'application/problem+json';
    r.headersOut['Content-Language'] = 'en';
    r.headersOut['Cache-Control'] = 'no-store';
    r.headersOut['Telephony-Code'] = v.row[1];
    r.headersOut['Telephony-Retryable'] = 'false';
    r.headersOut['Telephony-Provider'] = provider;
    r.headersOut['Telephony-Provider-Code'] = String(v.code);

    r.return(v.row[0], JSON.stringify({
        type: 'about:blank',
        title: v.row[2],
        status: v.row[0],
        detail: v.row[2],
        code: v.row[1],
        message: v.row[2],
        retryable: false,
        request_id: r.variables.request_id,
        provider: { name: provider, status: reply.status,
                    code: String(v.code), message: v.text },
    }));
}


function serve(provider) {
    return (r) => r.subrequest('/upstream' + r.uri,
                               (reply) => answer(r, provider, reply));
}


export default {
    voipms: serve('voipms'),
    fonedynamics: serve('fonedynamics'),
    totalvoice: serve('totalvoice'),
    mango: serve('mango'),
    words: serve('words'),
};
