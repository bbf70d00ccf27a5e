#!/bin/sh
# Prints where tests put their files: in memory, where there is room for them and programs may run, else /tmp.
# They lose power never, so that waiting for a disk proves nothing; it took a quarter of the time.
set -u

room=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)
folder=$(mktemp -d /dev/shm/vestibule-tests.XXXXXX 2>/dev/null) || folder=
if [ -n "$folder" ] && [ "${room:-0}" -gt 4000000 ] \
    && printf '#!/bin/sh\n' >"$folder/runs" && chmod +x "$folder/runs" && "$folder/runs"; then
    found=/dev/shm
else
    found=${TMPDIR:-/tmp}
fi
[ -n "$folder" ] && rm -r "$folder"
echo "$found"
