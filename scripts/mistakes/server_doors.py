"""Mistakes in roles/server/doors.py."""

from mistakes.fault import Fault

FILE = "roles/server/doors.py"
FAULTS = [
    Fault(
        "a loopback address brings 127.0.0.1 as well",
        FILE,
        "if not self._is_near and not all(map(is_loopback, ips)):",
        "if not self._is_near:",
    ),
    Fault(
        "only the first address of a name is listened on",
        FILE,
        "        for ip in ips:\n            self._listen(ip)\n        self._is_near",
        "        for ip in ips[1:]:\n            self._listen(ip)\n        self._is_near",
    ),
    Fault(
        "an unknown name is told as the system tells it",
        FILE,
        "        except OSError as error:\n            raise BadSetting(",
        "        except ZeroDivisionError as error:\n            raise BadSetting(",
    ),
    Fault(
        "a new address is not listened on",
        FILE,
        "                self._listen(ip)\n            except",
        "                pass\n            except",
    ),
    Fault(
        "addresses that are open are opened again and again",
        FILE,
        "            if ip in self._open:\n                continue\n",
        "",
    ),
    Fault(
        "an address that cannot be had ends the server",
        FILE,
        "            except (AddressTaken, BadSetting) as error:\n",
        "            except AddressTaken as error:\n",
    ),
    Fault(
        "an address that cannot be had is told each time",
        FILE,
        "                self._open.add(ip)  # said once\n",
        "",
    ),
    Fault(
        "a name server that is away ends the server",
        FILE,
        "        except BadSetting:\n            return []",
        "        except ZeroDivisionError:\n            return []",
    ),
    Fault(
        "commands are sent to 0.0.0.0",
        FILE,
        "self._config.guessed or self._host in ANYWHERE",
        "self._config.guessed",
    ),
    Fault(
        "a guess is remembered as if somebody had named it",
        FILE,
        "Remembered(host, config.port, guessed,",
        "Remembered(host, config.port, False,",
    ),
    Fault(
        "a server that is not near is looked for near",
        FILE,
        'machine_id() if self._is_near else ""',
        'machine_id() if not self._is_near else ""',
    ),
    Fault(
        "a home with nonsense in it stays so",
        FILE,
        "before = recall(config.home)",
        "before = recall(config.home) or server",
    ),
    Fault(
        "a read-only home ends the server",
        FILE,
        "        except BadSetting as error:\n            if before",
        "        except ZeroDivisionError as error:\n            if before",
    ),
    Fault(
        "commands that ask elsewhere are not told",
        FILE,
        "if before is not None and before.address != server.address:",
        "if before is None and server is None:",
    ),
]
