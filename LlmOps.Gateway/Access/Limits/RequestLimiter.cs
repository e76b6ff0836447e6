using System.Net;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Routing;

namespace LlmOps.Gateway.Access.Limits;

/// <summary>
/// Holds requests to the limits of their tenant, team, user, key, model and address. For whom no limit holds, it does nothing.
/// </summary>
internal sealed class RequestLimiter(ILimitStore limits, GatewayConfiguration configuration)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>Finds the models that limits are set for; a name that no model has goes into <paramref name="faults"/>.</summary>
    public static IReadOnlyList<LimitedModel> Find(IReadOnlyDictionary<string, RequestLimits> limits, ModelTable models, List<string> faults)
    {
        List<LimitedModel> found = [];
        foreach (var (name, held) in limits)
        {
            try
            {
                var first = models.Resolve(name).Route.Target;
                found.Add(new LimitedModel($"model:{name.ToLowerInvariant()}", first.Provider, first.Model, held));
            }
            catch (GatewayException exception) when (exception.Error == ErrorCode.ModelNotFound)
            {
                faults.Add($"{GatewayOptions.SectionName}:Access:{nameof(AccessOptions.ModelLimits)}:{name}: {exception.Message}");
            }
            catch (ProviderException)
            {
                // Its provider is not configured yet.
            }
        }

        return found;
    }

    /// <summary>Counts a request that shows no valid credential for its address, where it asks no model.</summary>
    /// <param name="address">Its address; null where it has none.</param>
    /// <param name="isOpen">Whether none is needed.</param>
    /// <exception cref="LimitException">The limit of the address is used up.</exception>
    public async ValueTask CountAsync(IPAddress? address, bool isOpen)
    {
        LimitTaking? taking = null;
        if (address is not null && !(isOpen && IPAddress.IsLoopback(address)))
        {
            AddRequests(ref taking, CallerAddress.OwnerOf(address), configuration.Current.Options.Access.AddressLimits);
        }

        if (taking is not null && await limits.TakeAsync(taking) is { } refusal)
        {
            throw new LimitException(refusal);
        }
    }

    /// <summary>Counts a request when it arrives, and takes its place among those on their way.</summary>
    /// <exception cref="GatewayException">429: a limit is used up.</exception>
    public ValueTask EnterAsync(GatewayRequest request)
    {
        var holders = request.Principal.Holders;
        var taking = Room(holders, static held => Count(held.RequestsPerMinute) + Count(held.RequestsPerHour) + Count(held.RequestsPerDay) + Count(held.Concurrency));
        for (var index = 0; index < holders.Count; index++)
        {
            if (holders[index] is { Limits: { } held } holder)
            {
                AddRequests(ref taking, holder.Id, held);
                Add(ref taking, holder.Id, LimitUnit.Places, held.Concurrency, TimeSpan.Zero, 1);
            }
        }

        if (LimitedAddress(request) is { } owner)
        {
            var held = request.Configuration.Options.Access.AddressLimits;
            AddRequests(ref taking, owner, held);
            Add(ref taking, owner, LimitUnit.Places, held.Concurrency, TimeSpan.Zero, 1);
        }

        return taking is null ? default : TakeAsync(request, taking, reserves: false);
    }

    /// <summary>Counts it for its model, and reserves tokens, before it goes into the pipeline.</summary>
    /// <param name="request">The request, whose model is known.</param>
    /// <param name="least">What must be there: its input, and the output that its caller asks for.</param>
    /// <param name="most">
    /// The most that it can take. Where its caller sets no bound, that is as much as the model can write, which many limits do not hold:
    /// then all that is left is reserved, and what goes beyond is taken once it is known.
    /// </param>
    /// <exception cref="GatewayException">429: a limit is used up.</exception>
    public ValueTask ReserveAsync(GatewayRequest request, long least, long most)
    {
        var holders = request.Principal.Holders;
        var taking = Room(holders, static held => Count(held.TokensPerMinute) + Count(held.TokensPerHour) + Count(held.TokensPerDay));
        for (var index = 0; index < holders.Count; index++)
        {
            if (holders[index] is { Limits: { } held } holder)
            {
                AddTokens(ref taking, holder.Id, held, least, most);
            }
        }

        var access = request.Configuration.Options.Access;
        if (LimitedAddress(request) is { } address)
        {
            AddTokens(ref taking, address, access.AddressLimits, least, most);
        }

        var models = request.Configuration.LimitedModels;
        for (var index = 0; index < models.Count; index++)
        {
            if (models[index] is var model && model.Is(request.Route!.Target))
            {
                AddRequests(ref taking, model.Owner, model.Limits);
                AddTokens(ref taking, model.Owner, model.Limits, least, most);
                Add(ref taking, model.Owner, LimitUnit.Places, model.Limits.Concurrency, TimeSpan.Zero, 1);
            }
        }

        return taking is null ? default : TakeAsync(request, taking, reserves: true);
    }

    /// <summary>
    /// Settles what was reserved, and gives its place back; once, when the request is over, however it ended. Nobody waits for it.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="tokens">The tokens that it took in truth, none for an answer from the cache; null where nobody knows, so that what was reserved counts.</param>
    public void Leave(GatewayRequest request, long? tokens)
    {
        if (request.Limits is not { IsSettled: false } takings)
        {
            return;
        }

        takings.IsSettled = true;
        Settle(takings.Entered, takings.IsRefused, tokens);
        Settle(takings.Reserved, takings.IsRefused, tokens);
    }

    private void Settle(LimitTaking? taking, bool isRefused, long? tokens)
    {
        if (taking is not null && taking.Change(giveRequestsBack: isRefused, tokens))
        {
            // It does not fail.
            _ = limits.SettleAsync(taking).AsTask();
        }
    }

    private ValueTask TakeAsync(GatewayRequest request, LimitTaking taking, bool reserves)
    {
        var taken = limits.TakeAsync(taking);
        if (!taken.IsCompletedSuccessfully)
        {
            return AwaitAsync(request, taking, taken, reserves);
        }

        Note(request, taking, taken.Result, reserves);
        return default;
    }

    private static async ValueTask AwaitAsync(GatewayRequest request, LimitTaking taking, ValueTask<LimitRefusal?> taken, bool reserves) =>
        Note(request, taking, await taken, reserves);

    private static void Note(GatewayRequest request, LimitTaking taking, LimitRefusal? refusal, bool reserves)
    {
        var takings = request.Limits ??= new RequestTakings();
        if (taking.WithoutRedis)
        {
            request.DoWithout("redis");
        }

        if (refusal is not null)
        {
            takings.IsRefused = true;
            throw new LimitException(refusal);
        }

        (takings.Entered, takings.Reserved) = reserves ? (takings.Entered, taking) : (taking, takings.Reserved);
    }

    // The anonymous have no other limits; on this machine, in open mode, they are its owner.
    private static string? LimitedAddress(GatewayRequest request) =>
        request.Principal.IsAnonymous && request.Address is { } address && !IPAddress.IsLoopback(address) ? CallerAddress.OwnerOf(address) : null;

    // As large as it will be: most of what a request with many limits allocates are these. Null where none is set.
    private static LimitTaking? Room(IReadOnlyList<Holder> holders, Func<RequestLimits, int> countOf)
    {
        var count = 0;
        for (var index = 0; index < holders.Count; index++)
        {
            count += holders[index].Limits is { } held ? countOf(held) : 0;
        }

        return count == 0 ? null : new LimitTaking(count);
    }

    private static int Count(long? limit) => limit is null ? 0 : 1;

    private static void AddRequests(ref LimitTaking? taking, string owner, RequestLimits held)
    {
        Add(ref taking, owner, LimitUnit.Requests, held.RequestsPerMinute, Minute, 1);
        Add(ref taking, owner, LimitUnit.Requests, held.RequestsPerHour, Hour, 1);
        Add(ref taking, owner, LimitUnit.Requests, held.RequestsPerDay, Day, 1);
    }

    private static void AddTokens(ref LimitTaking? taking, string owner, RequestLimits held, long least, long most)
    {
        Add(ref taking, owner, LimitUnit.Tokens, held.TokensPerMinute, Minute, least, most);
        Add(ref taking, owner, LimitUnit.Tokens, held.TokensPerHour, Hour, least, most);
        Add(ref taking, owner, LimitUnit.Tokens, held.TokensPerDay, Day, least, most);
    }

    private static void Add(ref LimitTaking? taking, string owner, LimitUnit unit, long? capacity, TimeSpan window, long amount, long atMost = 0)
    {
        if (capacity is { } most)
        {
            (taking ??= new LimitTaking()).Add(new Limit(owner, unit, most, window), amount, atMost);
        }
    }
}
