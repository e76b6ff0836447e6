using System.Globalization;

namespace LlmOps.Benchmarks.Load.Subjects;

/// <summary>What Linux tells of a process and its descendants in /proc.</summary>
internal static class ProcessTree
{
    // USER_HZ, which /proc counts in, is 100 on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    // Of /proc/PID/stat, counted from the field after the command's name, which may hold spaces itself.
    private const int ParentField = 1;
    private const int UserTimeField = 11;
    private const int SystemTimeField = 12;

    /// <summary>Processor time used so far, in seconds.</summary>
    public static double ProcessorSeconds(int id) => Members(id).Sum(member => member.Ticks) / TicksPerSecond;

    /// <summary>Resident memory, in bytes. Pages that several processes share count in each.</summary>
    public static long ResidentBytes(int id) => Members(id).Sum(member => Resident(member.Id));

    /// <summary>Open files and sockets.</summary>
    public static int Handles(int id) => Members(id).Sum(member => Directory.GetFileSystemEntries($"/proc/{member.Id}/fd").Length);

    private static List<(int Id, double Ticks)> Members(int root)
    {
        var all = Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? Stat(id) : null)
            .OfType<(int Id, int Parent, double Ticks)>()
            .ToList();
        var members = new List<(int Id, double Ticks)>();
        var pending = new Queue<int>([root]);
        while (pending.TryDequeue(out var id))
        {
            members.AddRange(all.Where(process => process.Id == id).Select(process => (process.Id, process.Ticks)));
            foreach (var child in all.Where(process => process.Parent == id))
            {
                pending.Enqueue(child.Id);
            }
        }

        return members;
    }

    private static (int Id, int Parent, double Ticks)? Stat(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (id, (int)Number(fields[ParentField]), Number(fields[UserTimeField]) + Number(fields[SystemTimeField]));
        }
        catch (IOException)
        {
            return null; // It has just ended.
        }
    }

    private static long Resident(int id) =>
        File.ReadLines($"/proc/{id}/status").Where(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Sum(line => Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024);

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
