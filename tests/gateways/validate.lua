local SIDECAR = "http://127.0.0.1:8000/check"
local HEADERS = {"accept", "accept-language", "content-encoding", "content-type", "traceparent", "x-customer-id", "x-request-id"}
local COMPLETE = 1200000 -- bytes, below tune.bufsize and above the engine's limit: a request that fills the buffer may be cut

core.register_action("check", {"http-req"}, function(txn)
    local headers, received = {}, txn.http:req_get_headers()
    for _, name in ipairs(HEADERS) do
        local values = received[name] -- indexes start at 0
        if values then
            headers[name] = {values[0], table.unpack(values)}
        end
    end
    local target, body = txn.f:pathq(), txn.f:req_body()
    local declared = received["transfer-encoding"] and 0 or txn.f:req_body_size() -- chunks count (RFC 9112, section 6.3)
    if #body < declared or #body + #target + #txn.f:req_hdrs() > COMPLETE then
        headers["x-envoy-auth-partial-body"] = {"true"}
        body = ""
    end
    local answer = core.httpclient():post{url = SIDECAR .. target, headers = headers, body = body, timeout = 6000}
    if answer.status == 200 then
        txn:set_var("txn.is_good", true)
    elseif answer.status >= 400 and answer.status <= 500 then -- others come from HAProxy: the sidecar is down
        local media = answer.headers["content-type"][0]
        txn:done(txn:reply{status = answer.status, headers = {["content-type"] = {media}}, body = answer.body})
    end
end)
