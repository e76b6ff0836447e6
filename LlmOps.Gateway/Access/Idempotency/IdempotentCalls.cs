using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Caching.Coalescing;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Access.Idempotency;

/// <summary>
/// Answers requests with an idempotency key: of those with the same key and body one is answered, and its answer given again to
/// all others. Those that come meanwhile wait; where the one fails, the next of them is answered in its place.
/// </summary>
internal sealed class IdempotentCalls(
    IdempotencyMemory memory, RedisIdempotency shared, RequestAccounting accounting, IdempotencyStatistics statistics, TimeProvider time)
{
    private const string ReplayedHeader = "Idempotent-Replayed";

    // As many as there are such requests on their way.
    private readonly ConcurrentDictionary<string, InFlightCall> _calls = new(StringComparer.Ordinal);

    /// <summary>Answers a request.</summary>
    /// <exception cref="GatewayException">It failed, or its key belongs to another body.</exception>
    public async ValueTask AnswerAsync(HttpContext http, IModelCall call, IdempotentRequest asked, ReadOnlyMemory<byte> body, GatewayRequest facts)
    {
        IdempotentAnswer? answer = null;
        while (answer is null)
        {
            var own = new InFlightCall(asked.Fingerprint);
            var first = _calls.GetOrAdd(asked.Id, own);
            if (first == own)
            {
                await LeadAsync(own, http, call, asked, body, facts);
                return;
            }

            asked.Match(first.Fingerprint);
            answer = await FollowAsync(first, facts);
        }

        await ReplayAsync(http, call, answer, facts);
    }

    private async Task LeadAsync(InFlightCall own, HttpContext http, IModelCall call, IdempotentRequest asked, ReadOnlyMemory<byte> body, GatewayRequest facts)
    {
        ResponseCapture? capture = null;
        IdempotentAnswer? answer = null;
        try
        {
            answer = await FindAsync(asked, facts);
            if (answer is null)
            {
                capture = new ResponseCapture(http.Features, facts, facts.Configuration.Options.Access.Idempotency.MaxEntryBytes);
                answer = await MakeAsync(capture, http, call, asked, body, facts);
            }
        }
        finally
        {
            _calls.TryRemove(KeyValuePair.Create(asked.Id, own));
            own.End(answer);
        }

        await (capture is null ? ReplayAsync(http, call, answer!, facts) : capture.SendRestAsync(facts.CallerGone));
    }

    private async Task<IdempotentAnswer?> FindAsync(IdempotentRequest asked, GatewayRequest facts)
    {
        if (memory.Find(asked.Id) is { } known)
        {
            asked.Match(known.Fingerprint);
            return known;
        }

        using var limit = new CallerLimit(facts, time, facts.CallerGone);
        return await WithinAsync(limit, shared.FindOrTakeAsync(asked, facts, limit.Token));
    }

    private async Task<IdempotentAnswer?> FollowAsync(InFlightCall first, GatewayRequest facts)
    {
        statistics.BeginsToWait();
        try
        {
            using var limit = new CallerLimit(facts, time, facts.CallerGone);
            return await WithinAsync(limit, first.Answer.WaitAsync(limit.Token));
        }
        finally
        {
            statistics.EndsToWait();
        }
    }

    // Null where the answer is not kept: those who wait make calls of their own.
    private async Task<IdempotentAnswer?> MakeAsync(ResponseCapture capture, HttpContext http, IModelCall call, IdempotentRequest asked, ReadOnlyMemory<byte> body, GatewayRequest facts)
    {
        try
        {
            await call.AnswerAsync(http, body, facts);
            return await KeepAsync(capture.Body, asked, http.Response, facts);
        }
        finally
        {
            capture.End();
            await shared.ReleaseAsync(asked);
        }
    }

    // Before the last of the answer is sent: who has seen it and comes again must find it.
    private async Task<IdempotentAnswer?> KeepAsync(ReadOnlyMemory<byte>? body, IdempotentRequest asked, HttpResponse response, GatewayRequest facts)
    {
        if (response.StatusCode != StatusCodes.Status200OK || facts is not { IsClosed: true, Error: null })
        {
            return null;
        }

        if (body is not { } whole)
        {
            statistics.TooLarge();
            return null;
        }

        var answer = IdempotentAnswer.Of(asked, response, whole.ToArray(), facts);
        var first = await shared.KeepAsync(asked, answer, facts);
        if (facts.Degraded is { } degraded && !response.HasStarted)
        {
            response.Headers["X-LlmOps-Degraded"] = degraded;
        }

        if (first == answer)
        {
            memory.Keep(asked.Id, answer, facts.Configuration.Options.Access.Idempotency);
            statistics.Kept();
        }

        return first.Fingerprint == asked.Fingerprint ? first : answer;
    }

    private async Task ReplayAsync(HttpContext http, IModelCall call, IdempotentAnswer answer, GatewayRequest facts)
    {
        (facts.IsReplayed, facts.Streaming, facts.Model, facts.Reused) = (true, answer.Facts.Stream, answer.Facts.Model, answer.Facts.Reused);
        accounting.Close(facts);
        statistics.Replayed();
        ResponseFacts.Write(http.Response, facts);
        var headers = http.Response.Headers;
        foreach (var (name, value) in answer.Facts.Headers)
        {
            headers[name] = value;
        }

        headers[ReplayedHeader] = "true";
        http.Response.ContentType = answer.Facts.ContentType;
        var body = call.Idempotency?.Replay(answer.Body, facts) ?? answer.Body;
        if (!facts.Streaming)
        {
            http.Response.ContentLength = body.Length;
        }

        await http.Response.BodyWriter.WriteAsync(body, facts.CallerGone);
    }

    private static async Task<IdempotentAnswer?> WithinAsync(CallerLimit limit, Task<IdempotentAnswer?> answer)
    {
        try
        {
            return await answer;
        }
        catch (OperationCanceledException exception)
        {
            ExceptionDispatchInfo.Throw(limit.Told(exception));
            throw;
        }
    }
}
