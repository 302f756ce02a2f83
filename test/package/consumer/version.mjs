/** Prints the version of a component of the runtime. */
console.log(process.versions[process.argv[2]]);
