using System.Net;
using System.Text;

namespace LlmOps.Tests.Docs;

/// <summary>The requests of samples/requests.http do what their titles say, on a gateway without any key.</summary>
public sealed class SamplesTests
{
    public static TheoryData<string> Titles => [.. Requests().Keys];

    [Theory]
    [MemberData(nameof(Titles))]
    public async Task Sample_IsAnswered(string title)
    {
        await using var gateway = new GatewayApplication();
        var (method, path, body) = Requests()[title];
        using var request = new HttpRequestMessage(method, path);
        request.Content = body.Length == 0 ? null : new StringContent(body, Encoding.UTF8, "application/json");

        using var response = await gateway.Http.SendAsync(request);

        response.StatusCode.ShouldBe(title.Contains("error", StringComparison.Ordinal) ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync()).ShouldContain(Expected(title));
    }

    private static string Expected(string title) => title switch
    {
        "A chat" => "12",
        "With a context" => "six",
        "The text as it comes" => "20",
        "OpenAI's chat completion" => "hello",
        "An answer that fits a JSON schema" => "positive",
        "A tool call" => "get_weather",
        "Embeddings" => "\"embedding\":[",
        "The models that can be asked now" => "offline",
        "An error that says what to do" => "OPENAI_API_KEY",
        _ => throw new ArgumentOutOfRangeException(nameof(title), title, "A new sample needs what is expected of it."),
    };

    private static Dictionary<string, (HttpMethod Method, string Path, string Body)> Requests() =>
        File.ReadAllText(Path.Combine(GeneratedDocs.RepositoryRoot(), "samples", "requests.http"))
            .Split("### ")[1..]
            .Select(sample => sample.Split('\n', 2))
            .ToDictionary(sample => sample[0].Trim(), sample =>
            {
                var parts = sample[1].Split("\n\n", 2);
                var line = parts[0].Split('\n')[0].Split(' ');
                return (new HttpMethod(line[0]), line[1].Replace("{{gateway}}", "", StringComparison.Ordinal).Trim(), parts.ElementAtOrDefault(1)?.Trim() ?? "");
            });
}
