using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using LlmOps.Gateway.Providers;

namespace LlmOps.Gateway.Caching.Semantic.Qdrant;

/// <summary>
/// Answered questions in Qdrant, for all replicas: a collection for each embedding model and dimension, made when it is first
/// needed. Qdrant lets nothing expire by itself, so what is over its time is filtered out, and swept.
/// </summary>
internal sealed partial class QdrantStore(QdrantClient client, QdrantOptions options, TimeProvider time, ILogger<QdrantStore> logger) : BackgroundService, ISemanticStore
{
    private const int MostWaiting = 1000;
    private const long MostWaitingBytes = 64 * 1024 * 1024;
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    // Nobody waits for what is kept.
    private readonly TimeSpan _writeTimeout = options.CallTimeout * 10;
    private readonly Channel<Change> _waiting = Channel.CreateBounded<Change>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly ConcurrentDictionary<EmbeddingSpace, string> _collections = new();

    // What could not be removed yet, with how often that was asked: until it is, nothing is found.
    private ImmutableDictionary<string, int> _uncleared = ImmutableDictionary<string, int>.Empty;
    private long _waitingBytes;
    private long _dropped;

    /// <inheritdoc/>
    public string Name => "qdrant";

    /// <inheritdoc/>
    public bool IsShared => true;

    /// <inheritdoc/>
    public int? Count => null;

    /// <inheritdoc/>
    public long? Bytes => null;

    /// <inheritdoc/>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Why the last call failed; null while it has not.</summary>
    public string? Fault => client.Fault;

    /// <summary>Asks it for something that costs it next to nothing. Returns whether it answered.</summary>
    public Task<bool> AnswersAsync(CancellationToken cancellationToken) => client.AnswersAsync(options.CallTimeout, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<SemanticCandidate>?> SearchAsync(
        EmbeddingSpace space, CacheKey scope, ReadOnlyMemory<float> vector, float threshold, int limit, CancellationToken cancellationToken)
    {
        if (!_uncleared.IsEmpty)
        {
            return null;
        }

        try
        {
            var body = QdrantPoint.Query(scope, vector, threshold, limit, time.GetUtcNow());
            var result = await client.CallAsync(HttpMethod.Post, $"collections/{NameOf(space)}/points/query", body, options.CallTimeout, cancellationToken);
            var candidates = new List<SemanticCandidate>();
            foreach (var point in result.GetProperty("points"u8).EnumerateArray())
            {
                if (QdrantPoint.Read(point, space, scope) is { } candidate && candidate.Similarity >= threshold)
                {
                    candidates.Add(candidate);
                }
            }

            return candidates;
        }
        catch (QdrantException exception) when (exception.Status == 404)
        {
            // Nothing was kept yet; or the collection was removed, and will be made anew.
            _collections.TryRemove(space, out _);
            return [];
        }
        catch (Exception exception) when (exception is QdrantException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public Task KeepAsync(SemanticEntry entry, Func<bool> isCurrent)
    {
        var change = new Change(entry.Space, entry.Id, entry, isCurrent);
        if (Interlocked.Add(ref _waitingBytes, change.Bytes) > MostWaitingBytes || !_waiting.Writer.TryWrite(change))
        {
            Interlocked.Add(ref _waitingBytes, -change.Bytes);
            CountDropped();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task RemoveAsync(EmbeddingSpace space, Guid id)
    {
        // Behind what was kept before. Where there is no room, it is found and removed again.
        _waiting.Writer.TryWrite(new Change(space, id, null, null));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<bool> ClearAsync(string scope)
    {
        ImmutableInterlocked.AddOrUpdate(ref _uncleared, scope, 1, static (_, times) => times + 1);
        return TryClearAsync(scope, CancellationToken.None);
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Task.Run(() => WriteAsync(stoppingToken), stoppingToken), Task.Run(() => SweepAsync(stoppingToken), stoppingToken));

    private async Task WriteAsync(CancellationToken stopping)
    {
        await foreach (var change in _waiting.Reader.ReadAllAsync(stopping))
        {
            try
            {
                await WriteAsync(change, stopping);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                // Whatever it is, the next one may do better.
                LogFailed("keep an answer", exception.Message);
                CountDropped();
            }
            finally
            {
                Interlocked.Add(ref _waitingBytes, -change.Bytes);
            }
        }
    }

    private async Task WriteAsync(Change change, CancellationToken stopping)
    {
        if (change.Entry is { } entry)
        {
            if (!change.IsCurrent!())
            {
                return;
            }

            await WriteAsync(entry, stopping);
            if (change.IsCurrent())
            {
                // A clearing from now on finds it there.
                return;
            }
        }

        await DeleteAsync(NameOf(change.Space), QdrantPoint.Delete(change.Id), stopping);
    }

    private async Task WriteAsync(SemanticEntry entry, CancellationToken stopping)
    {
        if (_collections.TryGetValue(entry.Space, out var known))
        {
            try
            {
                await UpsertAsync(known, entry, stopping);
                return;
            }
            catch (QdrantException exception) when (exception.Status is 400 or 404)
            {
                // Somebody has removed it, or made another in its place.
                _collections.TryRemove(entry.Space, out _);
            }
        }

        await UpsertAsync(await EnsureAsync(entry.Space, stopping), entry, stopping);
    }

    private Task<JsonElement> UpsertAsync(string collection, SemanticEntry entry, CancellationToken stopping) =>
        client.CallAsync(HttpMethod.Put, $"collections/{collection}/points?wait=true", QdrantPoint.Upsert(entry), _writeTimeout, stopping);

    private async Task SweepAsync(CancellationToken stopping)
    {
        var sweptAt = time.GetTimestamp();
        while (true)
        {
            await Task.Delay(Retry, time, stopping);
            foreach (var scope in _uncleared.Keys)
            {
                await TryClearAsync(scope, stopping);
            }

            if (time.GetElapsedTime(sweptAt) < SweepPeriod)
            {
                continue;
            }

            sweptAt = time.GetTimestamp();
            try
            {
                await DeleteInAllAsync(QdrantPoint.DeleteExpired(time.GetUtcNow()), stopping);
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                LogFailed("sweep", exception.Message);
            }
        }
    }

    private async Task<bool> TryClearAsync(string scope, CancellationToken stopping)
    {
        var asked = _uncleared.GetValueOrDefault(scope);
        try
        {
            await DeleteInAllAsync(QdrantPoint.DeleteScope(scope), stopping);

            // Unless it was asked once more meanwhile.
            return ImmutableInterlocked.Update(
                ref _uncleared, static (scopes, done) => scopes.GetValueOrDefault(done.Scope) == done.Asked ? scopes.Remove(done.Scope) : scopes, (Scope: scope, Asked: asked)) || !_uncleared.ContainsKey(scope);
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            LogFailed("clear", exception.Message);
            return false;
        }
    }

    // In all collections of this gateway's, also those of models that it had before.
    private async Task DeleteInAllAsync(ReadOnlyMemory<byte> body, CancellationToken stopping)
    {
        var result = await client.CallAsync(HttpMethod.Get, "collections", body: null, _writeTimeout, stopping);
        foreach (var collection in result.GetProperty("collections"u8).EnumerateArray())
        {
            if (collection.GetProperty("name"u8).GetString() is { } name && name.StartsWith(options.CollectionPrefix + "_", StringComparison.Ordinal))
            {
                await DeleteAsync(name, body, stopping);
            }
        }
    }

    private void CountDropped()
    {
        if (Interlocked.Increment(ref _dropped) == 1)
        {
            LogDropped();
        }
    }

    private Task<JsonElement> DeleteAsync(string collection, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        client.CallAsync(HttpMethod.Post, $"collections/{collection}/points/delete?wait=true", body, _writeTimeout, cancellationToken);

    // Makes the collection and its indexes, where they are not there.
    private async Task<string> EnsureAsync(EmbeddingSpace space, CancellationToken cancellationToken)
    {
        var name = NameOf(space);
        var exists = await client.CallAsync(HttpMethod.Get, $"collections/{name}/exists", body: null, _writeTimeout, cancellationToken);
        if (!exists.GetProperty("exists"u8).GetBoolean())
        {
            try
            {
                await client.CallAsync(HttpMethod.Put, $"collections/{name}", Definition(space), _writeTimeout, cancellationToken);
            }
            catch (QdrantException exception) when (exception.Status == 409)
            {
                // Another replica was quicker.
            }
        }

        var info = await client.CallAsync(HttpMethod.Get, $"collections/{name}", body: null, _writeTimeout, cancellationToken);
        var size = info.GetProperty("config"u8).GetProperty("params"u8).GetProperty("vectors"u8).GetProperty("size"u8).GetInt32();
        if (size != space.Dimensions)
        {
            LogMismatch(name, size, space.Dimensions);
            throw new QdrantException("a collection of another size", 400);
        }

        foreach (var (field, type) in QdrantPoint.Indexed)
        {
            var body = ProviderRequest.Object(json =>
            {
                json.WriteString("field_name", field);
                json.WriteString("field_schema", type);
            });
            await client.CallAsync(HttpMethod.Put, $"collections/{name}/index?wait=true", body, _writeTimeout, cancellationToken);
        }

        return _collections[space] = name;
    }

    private static ReadOnlyMemory<byte> Definition(EmbeddingSpace space) => ProviderRequest.Object(json =>
    {
        json.WriteStartObject("vectors");
        json.WriteNumber("size", space.Dimensions);
        json.WriteString("distance", "Cosine");
        json.WriteEndObject();
    });

    // The model's own name cannot stand in an address; the hash tells apart what looks alike without it.
    private string NameOf(EmbeddingSpace space)
    {
        var letters = new string([.. space.Model.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '-').Take(64)]);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(space.Model)))[..8];
        return $"{options.CollectionPrefix}_{letters}_{hash}_{space.Dimensions}";
    }

    [LoggerMessage(LogLevel.Warning, "Qdrant's collection {Name} has vectors of {Size} numbers, not {Dimensions}: remove it, or set another Gateway:Caching:Semantic:Qdrant:CollectionPrefix.")]
    private partial void LogMismatch(string name, int size, int dimensions);

    [LoggerMessage(LogLevel.Warning, "Not all answers of the semantic cache get into Qdrant: it is slow, or refuses them. GET /cache/stats counts them.")]
    private partial void LogDropped();

    [LoggerMessage(LogLevel.Debug, "Qdrant could not {What}: {Reason}.")]
    private partial void LogFailed(string what, string reason);

    /// <summary>What is to be written: an entry, or that one is to go.</summary>
    private sealed record Change(EmbeddingSpace Space, Guid Id, SemanticEntry? Entry, Func<bool>? IsCurrent)
    {
        public long Bytes { get; } = Entry is null ? 0 : Entry.Answer.Size + (sizeof(float) * (long)Entry.Vector.Length) + (sizeof(char) * (long)Entry.Question.Length);
    }
}
