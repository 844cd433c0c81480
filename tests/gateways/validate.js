const MESSAGE = "The request could not be judged: the reference data could not be reached, or an internal error occurred.";
const DOWN = {
    "application/json": `{"code": "500-100", "developerMessage": "${MESSAGE}"}`,
    "application/xml": `<?xml version="1.0" encoding="UTF-8"?>\n<error><code>500-100</code><developerMessage>${MESSAGE}</developerMessage></error>`,
};

async function check(r) {
    const body = r.requestBuffer;
    const answer = await ask(r, "/validator/check", {method: r.method, body: body && body.length ? body : ""});
    if (answer && answer.status === 200) {
        r.internalRedirect("@application");
    } else {
        refuse(r, answer);
    }
}

async function refuseLarge(r) {
    const answer = await ask(r, "/validator/check-head", {method: r.method});
    if (answer && answer.status === 200) {
        r.return(413); // a request to another operation
    } else {
        refuse(r, answer);
    }
}

async function ask(r, location, options) {
    try {
        const answer = await r.subrequest(location, options);
        return answer.status > 500 ? null : answer; // from nginx itself: the sidecar is down
    } catch (error) {
        r.error(error.message);
        return null;
    }
}

function refuse(r, answer) {
    const media = answer ? answer.headersOut["Content-Type"] : preferredMedia(r.headersIn["Accept"]);
    r.headersOut["Content-Type"] = media;
    r.return(answer ? answer.status : 500, answer ? answer.responseBuffer : DOWN[media]);
}

function preferredMedia(accept) { // XML if it is the only one of the two that is named
    return /application\/xml/i.test(accept) && !/application\/json|\*\/\*/i.test(accept) ? "application/xml" : "application/json";
}

export default {check, refuseLarge};
