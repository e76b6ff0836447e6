using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace LlmOps.Tests.Deployment;

/// <summary>What a caller got for a question.</summary>
/// <param name="RequestId">The id of the request that was answered.</param>
/// <param name="Text">The answer.</param>
internal sealed record Answer(string RequestId, string Text);

/// <summary>
/// A client of several gateways as one behind a load balancer is: it asks those in turn of which /health/ready is well, and another one
/// where there is no answer, or where an answer is cut off, which it must be able to tell.
/// </summary>
internal sealed class LoadBalancer(Graph graph) : IDisposable
{
    private const int MostTries = 100;

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };
    private readonly ConcurrentQueue<Answer> _answers = new();
    private int _turn;
    private int _asked;

    /// <summary>All answers.</summary>
    public IReadOnlyCollection<Answer> Answers => _answers;

    /// <summary>The questions that were asked so far.</summary>
    public int Asked => _asked;

    /// <summary>Asks a question of its own, streamed every other time, until it is answered; any answer but a good one is a failure.</summary>
    public async Task AskAsync()
    {
        var number = Interlocked.Increment(ref _asked);
        var question = Question(number);
        for (var tries = 1; tries <= MostTries; tries++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"{question}, try {tries}").Replace(' ', '-').Replace(",", "", StringComparison.Ordinal);
            if (await TryAsync(Next(), question, id, streaming: number % 2 == 0) is { } text)
            {
                text.ShouldBe($"You asked: {question}");
                _answers.Enqueue(new Answer(id, text));
                return;
            }
        }

        throw new InvalidOperationException($"{question} was not answered in {MostTries} tries.");
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The question of a number.</summary>
    public static string Question(int number) => string.Create(CultureInfo.InvariantCulture, $"Question {number}");

    private Uri Next() => new($"http://localhost:{graph.Gateways[(int)((uint)Interlocked.Increment(ref _turn) % graph.Gateways.Count)].Port}/");

    // Null where another one must be asked.
    private async Task<string?> TryAsync(Uri gateway, string question, string id, bool streaming)
    {
        try
        {
            using var ready = await _http.GetAsync(new Uri(gateway, "health/ready"));
            if (ready.StatusCode != HttpStatusCode.OK)
            {
                return null;
            }

            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway, "v1/chat/completions"))
            {
                Headers = { { "X-Request-ID", id } },
                Content = JsonContent.Create(new { model = "llama3.2", stream = streaming, messages = new[] { new { role = "user", content = question } } }),
            };
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            response.StatusCode.ShouldBe(HttpStatusCode.OK, await (response.IsSuccessStatusCode ? Task.FromResult("") : response.Content.ReadAsStringAsync()));
            if (!streaming)
            {
                return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString();
            }

            var stream = await SseText.ReadAsync(response);
            return stream is { Broken: false, Done: true } ? stream.Text : null;
        }
        catch (Exception exception) when (exception is HttpRequestException or System.Net.Sockets.SocketException)
        {
            // Nobody is there, or was killed.
            return null;
        }
    }
}
