namespace LlmOps.Gateway.Errors;

/// <summary>
/// One way a request can fail: the closed list of what callers may find in an error's <c>code</c>.
/// docs/api.md shows this table; a test holds the two equal.
/// </summary>
/// <param name="Code">The name, in snake case as under /v1; in upper case elsewhere.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Type">OpenAI's <c>type</c>; official clients choose their exception by the status, people by this.</param>
/// <param name="Meaning">What happened and what to do, for the documentation.</param>
internal sealed record ErrorCode(string Code, int Status, string Type, string Meaning)
{
    private const string InvalidRequestType = "invalid_request_error";
    private const string ProviderType = "provider_error";

    // The caller's doing: never sent to a provider, or refused by it for what it says.
    public static readonly ErrorCode InvalidJson = new("invalid_json", 400, InvalidRequestType, "The body is not JSON, not UTF-8, nested too deeply, or names a field twice.");
    public static readonly ErrorCode InvalidValue = new("invalid_value", 400, InvalidRequestType, "A field has a wrong type or a value out of range; `param` names it, the message says what was expected.");
    public static readonly ErrorCode MissingParameter = new("missing_required_parameter", 400, InvalidRequestType, "A required field is missing; `param` names it.");
    public static readonly ErrorCode UnsupportedParameter = new("unsupported_parameter", 400, InvalidRequestType, "The provider of this model has nothing that corresponds to the field in `param`.");
    public static readonly ErrorCode InvalidRequest = new("invalid_request", 400, InvalidRequestType, "The provider found the request invalid; the message, and where it gives them `param` and `code`, are the provider's own.");
    public static readonly ErrorCode ContextLengthExceeded = new("context_length_exceeded", 400, InvalidRequestType, "The input and the asked output do not fit into the model's context window.");
    public static readonly ErrorCode ContentFilter = new("content_filter", 400, InvalidRequestType, "The provider's content policy refused the request.");
    public static readonly ErrorCode ContentPolicy = new("content_policy", 400, InvalidRequestType, "A guardrail of the gateway refused the request or its answer; the message names its rule, and outside /v1 `details.rule` does as well.");
    public static readonly ErrorCode MalformedApiKey = new("invalid_api_key", 400, "validation_error", "The provider's key in the body has not the form of one.");
    public static readonly ErrorCode InvalidApiKey = new("invalid_api_key", 401, "authentication_error", "No valid credential: send `Authorization: Bearer KEY`. Or the provider did not accept the key that the body brings; `field` names it then.");
    public static readonly ErrorCode TokenExpired = new("token_expired", 401, "authentication_error", "The access token has ended: renew it by `POST /auth/refresh`, or at whoever issued it.");
    public static readonly ErrorCode PermissionDenied = new("permission_denied", 403, "permission_error", "The credential is valid but may not do this.");
    public static readonly ErrorCode ModelUnpriced = new("model_unpriced", 403, "permission_error", "The price of the model is not known, and the caller has a budget, which cannot pay for what has no price. The operator gives it one in the price file, or allows it.");
    public static readonly ErrorCode HostNotAllowed = new("host_not_allowed", 403, "permission_error", "In open mode on a loopback address only requests to a loopback host name are answered, so that no web page can reach the gateway through a name of its own.");
    public static readonly ErrorCode NotFound = new("not_found", 404, InvalidRequestType, "No such path, or nothing of the name or id in it.");
    public static readonly ErrorCode ModelNotFound = new("model_not_found", 404, InvalidRequestType, "No such model; the message names near ones.");
    public static readonly ErrorCode PromptNotFound = new("prompt_not_found", 404, InvalidRequestType, "No such prompt; `GET /prompts` lists those that there are.");
    public static readonly ErrorCode MethodNotAllowed = new("method_not_allowed", 405, InvalidRequestType, "The path exists, but not with this method.");
    public static readonly ErrorCode AlreadyExists = new("already_exists", 409, InvalidRequestType, "There is one of this name already.");
    public static readonly ErrorCode InUse = new("in_use", 409, InvalidRequestType, "It cannot be removed while others belong to it, or not be started while another one runs, or not be changed any more; the message says which.");
    public static readonly ErrorCode IdempotencyKeyReused = new("idempotency_key_reused", 409, InvalidRequestType, "The idempotency key was sent before, within the last 24 hours by default, with another body; `param` names where it stands. Send a new key.");
    public static readonly ErrorCode RequestTooLarge = new("request_too_large", 413, InvalidRequestType, "The body is larger than the gateway (4 MB by default) or the provider accepts.");
    public static readonly ErrorCode UnsupportedMediaType = new("unsupported_media_type", 415, InvalidRequestType, "The body must be sent as `Content-Type: application/json`.");

    // The provider's doing, and what one of the gateway's own limits has to say.
    public static readonly ErrorCode RateLimitExceeded = new("rate_limit_exceeded", 429, "rate_limit_error", "A limit of the gateway is used up, the message says which, whose, and when it has room again; or the provider limits the rate. `Retry-After` says when to come back; it is missing where the provider did not tell, and where the request is larger than the whole limit.");
    public static readonly ErrorCode InsufficientQuota = new("insufficient_quota", 429, "insufficient_quota", "A budget has not enough left for the request: the message says whose it is, how much is left, and when it begins anew (`Retry-After`). Or the provider's account has no credit or quota left; retrying does not help then.");
    public static readonly ErrorCode ClientClosedRequest = new("client_closed_request", 499, InvalidRequestType, "The caller went away before the answer was complete; seen in logs only.");
    public static readonly ErrorCode InternalError = new("internal_error", 500, "server_error", "A fault of the gateway itself; the log has it under the request id.");
    public static readonly ErrorCode ProviderError = new("provider_error", 502, ProviderType, "The provider failed with a status of its own (5xx, or one that means nothing here).");
    public static readonly ErrorCode ProviderAuthentication = new("provider_authentication", 502, ProviderType, "The provider did not accept the gateway's key for it; the operator has to look at the key.");
    public static readonly ErrorCode ProviderBadResponse = new("provider_bad_response", 502, ProviderType, "The provider answered with something that is not its protocol: not JSON, of the wrong content type or encoding, too large, another number of embeddings than was asked for.");
    public static readonly ErrorCode ProviderStreamInterrupted = new("provider_stream_interrupted", 502, ProviderType, "The provider's stream ended before its terminal event; what was received is not a complete answer.");
    public static readonly ErrorCode FunctionLimit = new("function_limit", 502, ProviderType, "The model went on calling the gateway's tools after it had used up what one request may (`Gateway:Functions`), and was told to answer without them; or what is to be kept of an answer for its caller, with the results of tools, is too large.");
    public static readonly ErrorCode ProviderUnreachable = new("provider_unreachable", 503, ProviderType, "No connection to the provider: refused, unknown host, TLS failure.");
    public static readonly ErrorCode ProviderOverloaded = new("provider_overloaded", 503, ProviderType, "The provider is overloaded or down for the moment; `Retry-After` says when to come back, where the provider told.");
    public static readonly ErrorCode ProviderNotConfigured = new("provider_not_configured", 503, ProviderType, "The model's provider has no key or address; the message names the setting.");
    public static readonly ErrorCode NoTargetAvailable = new("no_target_available", 503, ProviderType, "No target of the model can be called now: each has failed too often, or its keys rest or were refused; `Retry-After` says when the first one may be called again.");
    public static readonly ErrorCode DatabaseUnavailable = new("database_unavailable", 503, "server_error", "The database cannot be asked, and this cannot be done without it; it is worth trying again.");
    public static readonly ErrorCode PromptUnavailable = new("prompt_unavailable", 503, "server_error", "The version of the prompt that is in force is not there: its file is missing or has a fault, which `GET /admin/prompts` tells.");
    public static readonly ErrorCode GatewayStopping = new("gateway_stopping", 503, "server_error", "The gateway is being stopped and the time for requests in flight is over; another replica, or a moment later this one, can answer.");
    public static readonly ErrorCode IssuerUnavailable = new("issuer_unavailable", 503, "server_error", "The token's issuer cannot be asked for its keys, so the token can be neither taken nor refused; `Retry-After` says when it is asked again.");
    public static readonly ErrorCode BudgetUnavailable = new("budget_unavailable", 503, "server_error", "What was spent of the caller's budget is not known now: Redis, or the database, cannot be asked, or Redis has just come back without its data. Callers without a budget are served; `Retry-After` says when to come back.");
    public static readonly ErrorCode KeptCallsUnavailable = new("kept_calls_unavailable", 503, "server_error", "What the gateway keeps of the conversation's tool calls, and whether an approved one was made, is not known now, as Redis cannot be asked. It is not made again; `Retry-After` says when to come back.");
    public static readonly ErrorCode ProviderTimeout = new("provider_timeout", 504, ProviderType, "The provider kept silent for longer than the limit that the message names.");

    public static readonly ErrorCode DeadlineExceeded = new("deadline_exceeded", 504, "timeout_error", "The request's time (`X-LlmOps-Timeout`, or the gateway's limit) was over before the answer was complete.");

    /// <summary>The whole list, in the order of the documentation.</summary>
    public static IReadOnlyList<ErrorCode> All { get; } =
    [
        InvalidJson, InvalidValue, MissingParameter, UnsupportedParameter, InvalidRequest, ContextLengthExceeded, ContentFilter, ContentPolicy,
        MalformedApiKey, InvalidApiKey, TokenExpired, PermissionDenied, ModelUnpriced, HostNotAllowed, NotFound, ModelNotFound, PromptNotFound, MethodNotAllowed, AlreadyExists, InUse, IdempotencyKeyReused, RequestTooLarge, UnsupportedMediaType,
        RateLimitExceeded, InsufficientQuota, ClientClosedRequest, InternalError,
        ProviderError, ProviderAuthentication, ProviderBadResponse, ProviderStreamInterrupted, FunctionLimit,
        ProviderUnreachable, ProviderOverloaded, ProviderNotConfigured, NoTargetAvailable, DatabaseUnavailable, BudgetUnavailable, KeptCallsUnavailable, PromptUnavailable, GatewayStopping, IssuerUnavailable, ProviderTimeout, DeadlineExceeded,
    ];

    /// <inheritdoc/>
    public override string ToString() => Code;
}
