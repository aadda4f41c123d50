-- What an operator would write with OpenResty: ask by ngx.location.capture,
-- decode, look up, and answer with the same envelope.

local cjson = require "cjson.safe"

local _M = {}

local catalogs = {
    voipms = {
        code = function (body) return body.status end,
        message = function (body) return body.message end,
        rows = {
            success = false,
            invalid_did = { 400, "INVALID_PARAMETER",
                            "The DID is not valid" },
            non_sufficient_funds = { 402, "INSUFFICIENT_FUNDS",
                                     "The balance is too low" },
        },
    },
    fonedynamics = {
        code = function (body)
            return body.ResponseStatus and body.ResponseStatus.ErrorCode
        end,
        message = function (body) return body.ResponseStatus.Message end,
        rows = {
            PARAMETER_REQUIRED = { 400, "MISSING_PARAMETER",
                                   "A required parameter is missing" },
        },
    },
    totalvoice = {
        code = function (body) return body.motivo end,
        message = function (body) return body.mensagem end,
        rows = {
            [0] = false,
            [11] = { 400, "INVALID_PARAMETER", "A parameter is not valid" },
        },
        templates = {
            [11] = {
                { [[^ramal inválido, já existe um ramal (.*) cadastrado$]],
                  409, "ALREADY_EXISTS", "Extension %s already exists" },
            },
        },
    },
    mango = {
        code = function (body) return body.result or body.code end,
        message = function (body) return body.message end,
        rows = { [1000] = false },
    },
    words = {
        texts = {
            [[<Code>\s*(?<code>[0-9]+)\s*</Code>]],
            [[<status>(?<code>[0-9]+)</status>]],
            [[(?m)^ERR: *(?<code>[0-9]+),? *(?<message>.*)$]],
            [[\A(?<code>-?[0-9]{1,3})\s*(?:\n|\z)]],
            [[(?m)^(?<code>OK|FAILED): *(?<message>.*?) *$]],
        },
        code = function (body) return body.code end,
        message = function (body) return body.message end,
        rows = {
            OK = false,
            FAILED = { 400, "INVALID_PARAMETER", "A parameter is not valid" },
        },
    },
}


-- As much of a text is searched as the module searches.

local function read(catalog, body)
    if not catalog.texts then
        return cjson.decode(body)
    end

    body = body:sub(1, 4096)

    for _, text in ipairs(catalog.texts) do
        local m = ngx.re.match(body, text, "jo")

        if m then
            return m
        end
    end
end


local function verdict(catalog, body, status)
    local code = catalog.code(body)

    if code == nil then
        return nil
    end

    local text = catalog.message(body)
    local templates = catalog.templates and catalog.templates[code]

    for _, t in ipairs(templates or {}) do
        local m = ngx.re.match(text, t[1], "jou")

        if m then
            return code, { t[2], t[3], t[4]:format(m[1]) }, text
        end
    end

    local row = catalog.rows[code]

    if row == nil then
        row = { status >= 400 and status or 502, "UNKNOWN", "Unknown error" }
    end

    return code, row, text
end


function _M.serve(provider)
    ngx.req.read_body()

    local res = ngx.location.capture("/upstream" .. ngx.var.request_uri)
    local body = read(catalogs[provider], res.body)
    local code, row, text

    if type(body) == "table" then
        code, row, text = verdict(catalogs[provider], body, res.status)
    end

    if not row then
        ngx.status = res.status

        for name, value in pairs(res.header) do
            ngx.header[name] = value
        end

        ngx.print(res.body)
        return
    end

    local answer = cjson.encode {
        type = "about:blank",
        title = row[3],
        status = row[1],
        detail = row[3],
        code = row[2],
        message = row[3],
        retryable = false,
        request_id = ngx.var.request_id,
        provider = { name = provider, status = res.status,
                     code = tostring(code), message = text },
    }

    ngx.status = row[1]
    ngx.header["Content-Type"] = "application/problem+json"
    ngx.header["Content-Length"] = #answer
    ngx.header["Content-Language"] = "en"
    ngx.header["Cache-Control"] = "no-store"
    ngx.header["Telephony-Code"] = row[2]
    ngx.header["Telephony-Retryable"] = "false"
    ngx.header["Telephony-Provider"] = provider
    ngx.header["Telephony-Provider-Code"] = tostring(code)
    ngx.print(answer)
end


return _M
