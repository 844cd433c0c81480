const DOWN = '{"code": "500-100", "developerMessage": "The request could not be judged: the reference data could not be reached, or an internal error occurred."}';

async function check(r) {
    try {
        const body = r.requestBuffer;
        const answer = await r.subrequest("/check", {method: r.method, body: body && body.length ? body : ""});
        if (answer.status === 200) {
            r.internalRedirect("@application");
        } else if (answer.status > 500) { // from nginx itself: the sidecar is down
            refuse(r, 500, "application/json", DOWN);
        } else {
            refuse(r, answer.status, answer.headersOut["Content-Type"], answer.responseBuffer);
        }
    } catch (error) {
        r.error(error.message);
        refuse(r, 500, "application/json", DOWN);
    }
}

function refuse(r, status, media, body) {
    r.headersOut["Content-Type"] = media;
    r.return(status, body);
}

export default {check};
