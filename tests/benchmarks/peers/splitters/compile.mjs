// Prints ABI and init code of OpenZeppelin's PaymentSplitter (v4, MIT) as JSON, optimized as they publish it.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import solc from "solc";

const packages = fileURLToPath(new URL("node_modules/", import.meta.url));
const file = "@openzeppelin/contracts/finance/PaymentSplitter.sol";
const read = (path) => ({ contents: readFileSync(packages + path, "utf8") });
const input = {
  language: "Solidity",
  sources: { [file]: { content: read(file).contents } },
  settings: {
    optimizer: { enabled: true, runs: 200 },
    evmVersion: "cancun",
    outputSelection: { "*": { PaymentSplitter: ["abi", "evm.bytecode.object"] } },
  },
};
const output = JSON.parse(solc.compile(JSON.stringify(input), { import: read }));
const errors = (output.errors ?? []).filter((error) => error.severity === "error");
if (errors.length > 0) throw new Error(errors[0].formattedMessage);
const made = output.contracts[file].PaymentSplitter;
console.log(JSON.stringify({ abi: made.abi, bytecode: made.evm.bytecode.object }));
